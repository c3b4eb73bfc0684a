"""Matricula: the system of record for who is enrolled in which program and which course."""

__version__ = "0.1.0"
