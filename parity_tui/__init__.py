"""Dev/prod parity made visible: the backing services of every environment, side by side."""

__version__ = "0.1.0"
