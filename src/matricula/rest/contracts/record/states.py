"""States of the journal on the wire: those that the contract shows (record-api: Changes)."""

from matricula.journal.shown import show_state

__all__ = ["show_state"]
