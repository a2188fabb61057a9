"""Fuzzing of conversations: a kind reads a recorded server whose replies are damaged on the way.

- ``conversation.py``: a recording, its file, and its variant inside TLS
- ``record.py``: records real servers (`python -m tests.fuzz.conversations.record`)
- ``damage.py``: the damages, and the sequences of inputs made of them
- ``replay.py``: the dialer and the peer that replay a recording with one damage
- ``framing.py``: the bytes of a recording that frame values
- ``verdict.py``: whether the outcome of an input is right
- ``child.py``: the process that runs inputs; ``pool.py``: starts, watches and replaces it
"""
