"""Connections to learning platforms, as the institution file describes them; ``connectors`` uses them."""
