"""The second factor: an authenticator app, security keys, recovery codes; by way of allauth."""
