"""Tokens of other sites: the trusted issuers, their keys, and what a token says (docs/decisions/0033)."""
