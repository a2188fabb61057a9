"""Mail that the app prints in place of sending it: `console://`, in Django's URLs `consolemail://`.

Nothing is refused, delayed or lost as by a mail server.

Least privilege: none.
"""

from parity_tui.services._stand_in import stand_in

SERVICE = stand_in(
    "Printed mail",
    "console",
    "printed to the console",
    role="mail",
    address="on the app's own output",
    aliases={"consolemail": "console"},
)
