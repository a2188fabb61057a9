"""The variables of apps: dotenv files, processes, containers."""
