"""What the board shows, computed without Textual."""
