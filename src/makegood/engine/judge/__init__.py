"""From evidence to a verdict: down, outages, service hours, excuses, classes, figures. One file per step, in that order."""
