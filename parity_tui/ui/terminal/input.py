"""Passes on keys, pastes, the mouse and focus from the bytes of a terminal; everything else is dropped, in bounds.

Textual decodes strictly, converts numbers of any length, and takes an escape sequence it does not know for typed keys:
the reply to a question that another program has asked would command the board.
"""

from __future__ import annotations

import re
from codecs import getincrementaldecoder

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS

PASTE_START, PASTE_END = "\x1b[200~", "\x1b[201~"
ESCAPE = "\x1b"
_LONGEST_SEQUENCE = 32
"""characters; the longest key of the Kitty protocol needs fewer"""
_LONGEST_PASTE = 4096
"""characters of a paste that are passed on"""
_LONGEST_BURST = 256
"""typed characters passed on from reads that no hand fills"""
_BY_HAND = 64
"""bytes of a read: a hand or a repeating key gives fewer"""
_PASTE_SILENCE = 10
"""pauses after which a paste without an end is over"""
_INTERRUPT = "\x03"

_COMPLETE = re.compile(r"\x1b\[M.{3}|\x1b\[\[[A-E]|\x1b\[(?!\[|M)[ -?]*[@-~]|\x1bO.|\x1b[^\[O]", re.DOTALL)
"""a whole sequence: a mouse report of the oldest form, a function key of the Linux console, CSI, SS3 or alt"""
_STRING = re.compile(r"\x1b[\]PX^_]")
"""starts text for programs: OSC, DCS, SOS, PM, APC"""
_STRING_END = re.compile(r"\x07|\x1b(?:\\|(?=[^\\]))")
_FINAL = re.compile(r"[@-~]")
_OTHER = re.compile(r"\x1b\[(?:<\d{1,4};\d{1,5};\d{1,5}[mM]|[IO]|\?2026;\d\$y)", re.ASCII)
"""the mouse, focus, and whether the terminal paints in one go"""
_KITTY_KEY = re.compile(r"\x1b\[[\d:]{0,16}(?:;[\d:]{0,16}){0,2}[u~ABCDEFHPQRS]", re.ASCII)
_NUMBER = re.compile(r"\d+", re.ASCII)
_CURSOR = re.compile(r"\x1b\[\d+;\d+R", re.ASCII)
_PLAIN = re.compile(r"[^\x1b]+")


class TerminalInput:
    """The state between two reads."""

    def __init__(self) -> None:
        self._decode = getincrementaldecoder("utf-8")("ignore").decode
        self._held = ""
        """the start of a sequence whose rest has not arrived"""
        self._skip: re.Pattern[str] | None = None
        """drop everything up to a match of this"""
        self._pasting = False
        self._paste_room = 0
        self._burst_room = _LONGEST_BURST
        self._pauses = 0

    @property
    def waiting(self) -> bool:
        """Whether a pause would complete something."""
        return bool(self._held or self._skip or self._pasting)

    def feed(self, data: bytes) -> str:
        r"""Return the characters and sequences of a read that are passed on.

        >>> TerminalInput().feed(b"\xe9a\x1b]11;rgb:00/00/00\x07\x1b[1;999999999999999999R\x1b[A")
        'a\x1b[A'
        """
        self._pauses = 0
        if len(data) < _BY_HAND:
            self._burst_room = _LONGEST_BURST
        text, self._held = self._held + self._decode(data).replace("\x9b", "\x1b["), ""
        passed: list[str] = []
        at = 0
        while at < len(text):
            at = self._take(text, at, passed)
        return "".join(passed)

    def pause(self) -> str:
        """Return the key or the end of a paste that a pause of the terminal completes."""
        self._pauses += 1
        if self._pasting:
            self._pasting = self._pauses < _PASTE_SILENCE
            self._held = self._held if self._pasting else ""
            return "" if self._pasting else PASTE_END
        escape = self._held == ESCAPE and self._skip is None
        self._held, self._skip = "", None
        return ESCAPE if escape else ""

    def _take(self, text: str, at: int, passed: list[str]) -> int:
        """Take one part of a text; return the position behind it."""
        if self._pasting:
            return self._take_paste(text, at, passed)
        if self._skip:
            return self._take_skipped(text, at, self._skip)
        if plain := _PLAIN.match(text, at):
            passed.append(self._typed(plain[0]))
            return plain.end()
        if _STRING.match(text, at):
            self._skip = _STRING_END
            return at + 2
        return self._take_sequence(text, at, passed)

    def _take_skipped(self, text: str, at: int, end: re.Pattern[str]) -> int:
        if match := end.search(text, at):
            self._skip = None
            # The escape that ends a string may be the start of the next sequence.
            return match.start() if match[0] == ESCAPE else match.end()
        if text.endswith(ESCAPE):
            self._held = ESCAPE
        return len(text)

    def _take_paste(self, text: str, at: int, passed: list[str]) -> int:
        end = text.find(PASTE_END, at)
        if end < 0:
            # The end may have arrived in part.
            kept = next((n for n in range(len(PASTE_END) - 1, 0, -1) if text[at:].endswith(PASTE_END[:n])), 0)
            self._held = text[len(text) - kept :]
            end, behind = len(text) - kept, len(text)
        else:
            self._pasting, behind = False, end + len(PASTE_END)
        pasted = text[at : min(end, at + self._paste_room)]
        self._paste_room -= len(pasted)
        passed.append("".join(c for c in pasted if c.isprintable() or c in "\t\r\n"))
        if not self._pasting:
            passed.append(PASTE_END)
        return behind

    def _take_sequence(self, text: str, at: int, passed: list[str]) -> int:
        for length in range(2, min(_LONGEST_SEQUENCE, len(text) - at) + 1):
            sequence = text[at : at + length]
            if sequence[-1] == ESCAPE:
                if length == 2:
                    passed.append(ESCAPE)
                return at + length - 1
            if sequence in ANSI_SEQUENCES_KEYS or _COMPLETE.fullmatch(sequence):
                self._complete(sequence, passed)
                return at + length
        if len(text) - at >= _LONGEST_SEQUENCE:
            self._skip = _FINAL
            return at + _LONGEST_SEQUENCE
        self._held = text[at:]
        return len(text)

    def _complete(self, sequence: str, passed: list[str]) -> None:
        """Pass a whole sequence on if it is known."""
        if sequence == PASTE_START:
            self._pasting, self._paste_room = True, _LONGEST_PASTE
            passed.append(sequence)
        elif self._burst_room > 0 and _is_wanted(sequence):
            self._burst_room -= 1
            passed.append(sequence)

    def _typed(self, text: str) -> str:
        """Return typed characters, up to the room that a burst has."""
        if self._burst_room <= 0 and _INTERRUPT in text:
            return _INTERRUPT
        typed = "".join(c for c in text[: self._burst_room] if c.isprintable() or c < " " or c == "\x7f")
        cut = text[self._burst_room :]
        self._burst_room -= len(text[: self._burst_room])
        return typed + (_INTERRUPT if _INTERRUPT in cut else "")


def _is_wanted(sequence: str) -> bool:
    if sequence == PASTE_END or _CURSOR.fullmatch(sequence):
        return False
    if sequence in ANSI_SEQUENCES_KEYS or _OTHER.fullmatch(sequence):
        return True
    match = _KITTY_KEY.fullmatch(sequence)
    return bool(match) and all(_is_character(int(code)) for code in _NUMBER.findall(sequence))


def _is_character(number: int) -> bool:
    return number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF
