"""Channels: one file for each way to tell somebody something, one function type, one table of them."""
