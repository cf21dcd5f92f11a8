"""Probes: one file per kind of check, one table of them, and the pace at which a location begins them.

`kinds.probe` runs one check once and always answers a Result. `watching.Watch` begins each check in each of its slots.
Every connection passes the door.
"""
