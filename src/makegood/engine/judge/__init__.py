"""From evidence to a verdict: down, outages, gates, excuses, figures. One file per step, in that order."""
