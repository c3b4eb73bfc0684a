"""Backups: the database and the files in one archive, and putting them back."""
