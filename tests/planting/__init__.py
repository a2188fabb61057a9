"""Mass planting: servers name their own settings, all are changed on one side, all are found, and nothing else."""
