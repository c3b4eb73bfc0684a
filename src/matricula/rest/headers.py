"""The headers with which clients send a change again, or only if nothing changed since (docs/idempotency.md)."""

IDEMPOTENCY_KEY = "Idempotency-Key"
IF_MATCH, IF_NONE_MATCH = "If-Match", "If-None-Match"
REPLAYED = "Idempotency-Replayed"
"""Of an answer that was given before."""
