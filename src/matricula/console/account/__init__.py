"""The ways into an account, and what its owner changes: pages, forms, known devices, limits of guessing."""
