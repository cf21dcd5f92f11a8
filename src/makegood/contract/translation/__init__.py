"""Translations of an agreement: prose only, compared clause by clause with the text that prevails."""
