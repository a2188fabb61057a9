"""Whatever a server sends is a reading or an error in words: one harness for each pure parser.

pytest tries each for a moment; `make fuzz`, or `python -m tests.fuzz SECONDS [NAME …]`, for as long as is wanted.
"""
