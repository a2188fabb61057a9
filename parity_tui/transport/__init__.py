"""The only ways out of the process."""
