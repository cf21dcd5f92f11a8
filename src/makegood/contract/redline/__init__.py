"""The difference of two versions of an agreement by clause: prose by words, rules by keys, readings by choice."""
