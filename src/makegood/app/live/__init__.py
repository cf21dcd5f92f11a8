"""The live demo: a real service, three agents and a hub on this machine, watched while the service breaks."""
