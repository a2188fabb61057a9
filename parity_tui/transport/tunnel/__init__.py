"""Any program of this machine as a route: `tunnel = ["socat", …]`, as `transport/route.py` describes it.

- `route.py`: one program for all targets that it leads to, started again when it ends
- `place.py`: the socket or port that it opens
- `program.py`: its process, which never outlives this one
- `listener.py`: whether the port is listened at by that program, and by no other
- `placeholders.py`: the words of the program
"""
