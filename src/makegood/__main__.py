"""`python -m makegood`."""

from makegood.cli import main

main()
