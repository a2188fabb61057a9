"""The app itself: endpoints, containers and folders."""
