"""OpenSLO v1, both ways: objectives become an agreement, and what an agreement shares with them becomes objectives.

What one side cannot say is never dropped in silence: it is a `Lost`, with where it stood.
"""
