"""The parts of the board as Textual widgets."""
