"""The shared history, "the hub": the store in a PostgreSQL database that boards and watchers of a team use together.

- `connection.py`: a connection, and its errors in words
- `database.py`: the database as the store uses it
- `create.py`: makes its tables, and the GRANTs of its users
- `readings.py`, `follow.py`: the latest readings, for boards that ask no server
"""
