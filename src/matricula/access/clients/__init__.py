"""API clients: their changes, their secrets, the scopes they may ask for."""
