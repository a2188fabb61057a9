"""In-process memory: a cache or queue inside the app itself, as on many developers' machines.

It has no server to connect to and no settings to read. The kind exists so that "in-process in dev, Memcached in
production" is shown as a difference of product.

Least privilege: none.
"""

from parity_tui.services._stand_in import stand_in

SERVICE = stand_in(
    "In-process memory",
    "memory",
    "in-process memory",
    role="cache",
    address="in the app's own process",
    aliases={"locmem": "memory", "locmemcache": "memory", "in-memory": "memory"},
)
