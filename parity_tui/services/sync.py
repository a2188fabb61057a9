"""Jobs that the app runs at once, in its own process, in place of a queue: `sync://`, as Symfony writes it.

No job is delayed, repeated, lost or run at the same time as another.

Least privilege: none.
"""

from parity_tui.services._stand_in import stand_in

SERVICE = stand_in("Jobs in process", "sync", "run in process", role="queue", address="in the app's own process")
