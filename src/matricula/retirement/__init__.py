"""Removing a person's traces: replaced by a keyed pseudonym, everywhere."""
