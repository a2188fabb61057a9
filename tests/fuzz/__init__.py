"""Fuzzing: any input of a pure parser gives a reading or an error in words.

pytest runs each harness briefly; `make fuzz` or `python -m tests.fuzz SECONDS [NAME …]` for longer.
"""
