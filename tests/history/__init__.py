"""The history: lines, what they add up to, the file, and the thread that keeps it."""
