"""Files of checks, `NAME.checks.yaml`: what is watched, read strictly, written back, and made from others' files."""
