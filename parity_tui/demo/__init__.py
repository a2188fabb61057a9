"""Real servers on this machine, as three environments of one app; see `demo.Demo`."""

from parity_tui.demo.background import running
from parity_tui.demo.demo import Demo
from parity_tui.demo.programs import available

__all__ = ["Demo", "available", "running"]
