"""The sixteen primitives, one file each: the keys of a rule, and how they become a typed value.

`reading` has no file here, because it wraps any value of any rule: see `makegood.contract.choose`.
"""
