"""Readings in a file: redacted, sorted, one setting a line, so that `git diff` reads well.

- `codec.py`: the outcome of one server as JSON data, the shape that the history shares
- `key.py`: the key of the fingerprints that stand for secrets
- `document.py`: a snapshot and its data; `layout.py`: the data as text; `file.py`: the text in a file
"""
