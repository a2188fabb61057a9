"""A folder of the local disk in place of object storage: `file://`, or `file:///var/uploads`.

Files of one machine are not there for the next one, have no URL and no policy; the folder itself is not opened.

Least privilege: none.
"""

from parity_tui.services._stand_in import stand_in

SERVICE = stand_in("Local disk", "file", "local disk", role="storage", address="on the app's own disk")
