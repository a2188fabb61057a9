"""Fuzzing: any input of a pure parser, and any damaged conversation, gives a reading or an error in words.

pytest runs each harness briefly; `make fuzz` for longer: `python -m tests.fuzz SECONDS [NAME …]` the parsers,
`python -m tests.fuzz.conversations SECONDS [NAME …]` the conversations.
"""
