"""Versions of an agreement: which of them binds an order when, by the agreement's own rules of change."""
