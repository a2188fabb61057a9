"""The content of the board, computed without Textual."""
