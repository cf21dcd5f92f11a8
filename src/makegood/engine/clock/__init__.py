"""Deadlines: what must be done by when."""
