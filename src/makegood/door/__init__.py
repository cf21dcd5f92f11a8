"""The only way out: every connection that Makegood opens is checked here, at the address that is connected to."""
