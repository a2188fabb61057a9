"""The store of a history: the events and the state that boards and watchers of one configuration share in a database.

- `schema.py`: the tables, in SQL for SQLite and PostgreSQL
- `store.py`: the operations
- `database.py`: the little that a store needs of a database; `sqlite.py` has it in a file
- `merge.py`: writes records, each event once however many observers see it
- `load.py`: events, and the state after them
- `retention.py`: removes old events
- `watched.py`: running observers, and the times without one
- `take_over.py`: a history in lines of JSON, or in the memory of a board, becomes that of a store
"""
