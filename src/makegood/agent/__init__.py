"""The agent of a location: it probes, keeps what it found in its spool, and tells the hub. No web, no store in it."""
