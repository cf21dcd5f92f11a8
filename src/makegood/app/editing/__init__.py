"""What an editor asks while someone writes: what may stand here, what it says, where a name is from, what is wrong.

Texts are unfinished while they are written, so that a place is found line by line and not by reading the YAML.
"""
