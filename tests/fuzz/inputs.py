"""Hypothesis strategies for the harnesses: noise and damaged seeds."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.fuzz.harness import SEEDS

FRAGMENTS = (
    b"", b"\0", b"\n", b"\r\n", b"\t", b" ", b"\xff", b"\x1b[2J", b"\xe2\x80\xae", b"\xed\xa0\x80", b"@@", b"@@ ", b"{",
    b"}", b"[", b"]", b'"', b"'", b":", b"=", b";", b"<", b">", b"#", b"\\", b"-1", b"9" * 40, b"1e999", b"null",
    b"${A}", "²٣".encode(), b"\x85", b"\xc2\x85", b"a" * 300,
)  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn, seed: bytes) -> bytes:
    """Delete, insert or repeat bytes in up to six places of a seed."""
    data = seed
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(data)))
        end = min(len(data), at + draw(st.sampled_from((0, 0, 1, 3, 20))))
        put = draw(st.sampled_from(FRAGMENTS) | st.binary(max_size=6) | st.just(data[at : at + 30] * 2))
        data = data[:at] + put + data[end:]
    return data


def inputs(name: str) -> st.SearchStrategy[bytes]:
    """Return the inputs of a harness."""
    return st.one_of(*(damaged(seed) for seed in SEEDS[name]), st.binary(max_size=400))
