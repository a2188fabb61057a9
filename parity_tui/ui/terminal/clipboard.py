"""Copies: the terminal's clipboard by OSC 52, and tmux's buffer, which a default tmux does not fill from OSC 52."""

from __future__ import annotations

import os
import shutil
import subprocess

from textual.app import App

from parity_tui.transport.threads import in_thread

_TIMEOUT = 2.0
"""seconds for tmux"""
_VARIABLES = ("PATH", "HOME", "TMUX", "TMUX_TMPDIR", "TERM", "LANG", "LC_ALL", "LC_CTYPE")
"""all that tmux gets of our environment, which may hold passwords"""


async def copy(app: App[None], text: str, name: str) -> str:
    """Copy a text; return the message that says where it is."""
    text = text.encode("utf-8", "backslashreplace").decode()  # Textual fails at lone surrogates
    app.copy_to_clipboard(text)
    loaded: bool = await in_thread(_load_buffer, text) if os.environ.get("TMUX") else False
    if loaded:
        return f"copied {name} to tmux's buffer (prefix ] pastes it) and to the terminal's clipboard, if it allows that"
    return f"copied {name} to the terminal's clipboard, if it allows that; or select it here"


def _load_buffer(text: str) -> bool:
    """Put a text into the buffer of tmux, and by -w into the clipboard of its terminal; return whether it did."""
    program = shutil.which("tmux")
    environment = {name: os.environ[name] for name in _VARIABLES if name in os.environ}
    if program is None:
        return False
    for words in (["load-buffer", "-w", "-"], ["load-buffer", "-"]):  # -w since tmux 3.2
        try:
            ended = subprocess.run(  # noqa: S603 - tmux, with fixed words
                [program, *words],
                input=text.encode(),
                env=environment,
                capture_output=True,
                timeout=_TIMEOUT,
                check=False,
            )
        except (OSError, subprocess.SubprocessError):
            return False
        if not ended.returncode:
            return True
    return False
