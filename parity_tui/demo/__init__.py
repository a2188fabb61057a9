"""Real servers on this machine, as three environments."""
