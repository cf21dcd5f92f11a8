"""Makegood: service levels as code — what was promised, what was delivered, what is owed."""

__version__ = "0.1.0"
