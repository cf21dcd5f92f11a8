"""Alerts as pure rules: who is on call, what is to be told, and what follows when nobody answers."""
