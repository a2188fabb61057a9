"""Real servers on this machine, as three environments of one app; see `story.Demo`."""

from parity_tui.demo.background import running
from parity_tui.demo.found import available
from parity_tui.demo.story import Demo

__all__ = ["Demo", "available", "running"]
