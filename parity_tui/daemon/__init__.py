"""The board without a screen, as a service: `parity-tui watch`.

- `daemon.py`: follows the boards, and ends or reloads on a signal
- `standing.py`, `event.py`: boards -> events, each once; `state_file.py` keeps what was announced across restarts
- `line_writer.py`: events as lines of JSON on stdout, which may stall
- `outbox.py`, `sinks.py`: sends events to a command and a webhook, as soon as these work
- `metrics.py`, `textfile.py`, `scrape.py`: counts for Prometheus, in a file or over HTTP
"""

from __future__ import annotations

from parity_tui.daemon.daemon import Daemon, Outputs, Setup

__all__ = ["Daemon", "Outputs", "Setup"]
