"""Starts children, gives them inputs, and finds the input that ends, stops or bloats one."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
import trustme
from msgspec import Struct, field

from tests.fuzz.conversations.child import GROWN
from tests.fuzz.conversations.conversation import HOST
from tests.fuzz.conversations.damage import Damage
from tests.fuzz.conversations.verdict import WRONG, End, Result

WIDTH = 16
"""inputs that a child runs at a time"""
SILENCE = 90.0
"""seconds without a line after which a child is stuck"""

Input = tuple[int, Damage]


class Tally(Struct):
    """The results of a conversation's inputs."""

    name: str
    ends: Counter[str] = field(default_factory=Counter)
    wrong: list[tuple[Damage, Result]] = field(default_factory=list)
    stall: float = 0.0
    """longest step of an event loop, in seconds of CPU"""
    grown: int = 0
    """bytes that a child had at most beyond those after the undamaged conversation"""

    @property
    def tried(self) -> int:
        return sum(self.ends.values())

    def add(self, damage: Damage, result: Result) -> None:
        self.ends[result.end] += 1
        if result.end in WRONG:
            self.wrong.append((damage, result))

    def merge(self, other: Tally) -> None:
        self.ends += other.ends
        self.wrong += other.wrong
        self.stall, self.grown = max(self.stall, other.stall), max(self.grown, other.grown)

    def line(self) -> str:
        """Return the figures in one line."""
        ends = ", ".join(f"{count} {end}" for end, count in self.ends.most_common())
        survived = self.tried - len(self.wrong)
        figures = f"longest stall {self.stall * 1000:.0f} ms, memory +{self.grown >> 20} MB"
        return f"{self.name}: {self.tried} inputs, {survived} survived, {len(self.wrong)} wrong ({ends}); {figures}"

    def details(self, most: int = 20) -> Iterator[str]:
        """Yield the kinds of wrong results, each with an input that repeats it."""
        kinds: dict[str, list[tuple[Damage, Result]]] = {}
        for damage, result in self.wrong:
            last = result.text.strip().rpartition("\n")[2]
            kinds.setdefault(re.sub(r"\d+", "N", f"{result.end} {last}"), []).append((damage, result))
        for wrong in sorted(kinds.values(), key=len, reverse=True)[:most]:
            damage, result = wrong[0]
            yield f"  {len(wrong)} x {result.end}: {result.text.strip()}\n    {msgspec.json.encode(damage).decode()}"


class Batch(Struct):
    """What became of a batch in one child."""

    started: list[int] = field(default_factory=list)
    done: dict[int, Result] = field(default_factory=dict)
    died: str = ""
    """how the child ended, if not by itself"""
    grew: bool = False
    """whether the child ended because of its memory; the inputs that it ran are tried again"""


@contextmanager
def certificates() -> Iterator[Path]:
    """Yield a folder with ca.pem and server.pem."""
    with tempfile.TemporaryDirectory(prefix="parity-fuzz-") as folder:
        authority = trustme.CA()
        authority.cert_pem.write_to_path(f"{folder}/ca.pem")
        authority.issue_cert(HOST).private_key_and_cert_chain_pem.write_to_path(f"{folder}/server.pem")
        yield Path(folder)


async def run(name: str, damages: Iterable[Damage], folder: Path) -> Tally:
    """Run inputs of one conversation in children and return the results."""
    tally = Tally(name)
    inputs = list(enumerate(damages))
    by_number = dict(inputs)
    for number, result in (await _run_all(name, inputs, folder, WIDTH, tally)).items():
        tally.add(by_number[number], result)
    return tally


async def _run_all(name: str, inputs: Sequence[Input], folder: Path, width: int, tally: Tally) -> Mapping[int, Result]:
    results: dict[int, Result] = {}
    while inputs:
        batch = await _run_child(name, inputs, folder, width, tally)
        results |= batch.done
        inputs = [(number, damage) for number, damage in inputs if number not in results]
        if batch.grew:
            continue
        if not batch.died:
            return results
        suspects = [(number, damage) for number, damage in inputs if number in batch.started]
        if len(suspects) <= 1 or width == 1:
            results |= {number: Result(End.DIED, batch.died) for number, _ in suspects}
        else:
            alone = await _run_all(name, suspects, folder, 1, tally)
            if all(result.end is not End.DIED for result in alone.values()):
                first = suspects[0][0]
                alone = {**alone, first: Result(End.DIED, f"{batch.died}, among {len(suspects)} inputs")}
            results |= alone
        inputs = [(number, damage) for number, damage in inputs if number not in results]
    return results


async def _run_child(name: str, inputs: Sequence[Input], folder: Path, width: int, tally: Tally) -> Batch:
    batch = Batch()
    with tempfile.NamedTemporaryFile(dir=folder) as stderr:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.fuzz.conversations.child", name, str(folder), str(width)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=stderr.fileno(),
            env={**os.environ, "FUZZ_STDERR": stderr.name},
        )
        stuck = True
        try:
            assert process.stdin is not None
            process.stdin.write(b"".join(msgspec.json.encode(each) + b"\n" for each in inputs))
            process.stdin.close()
            stuck = await _collect(process, batch, tally)
        finally:
            if stuck:
                os.kill(process.pid, signal.SIGKILL)  # Process.kill would take its exit code from asyncio
            code = await process.wait()
        if stuck:
            batch.died = f"no sign of life for {SILENCE:g} s"
        elif code < 0:
            batch.died = f"signal {-code}"
        elif code == GROWN:
            batch.grew = True
        elif code:
            stderr.seek(0)
            raise RuntimeError(f"{name}: {stderr.read().decode(errors='replace')}")
    return batch


async def _collect(process: asyncio.subprocess.Process, batch: Batch, tally: Tally) -> bool:
    """Read the child's lines; return whether it fell silent."""
    assert process.stdout is not None
    while True:
        try:
            line = await asyncio.wait_for(process.stdout.readline(), SILENCE)
        except TimeoutError:
            return True
        if not line:
            return False
        word, number, end, text = json.loads(line)
        match word:
            case "start":
                batch.started.append(number)
            case "end":
                batch.done[number] = Result(End(end), text)
            case "peak":
                figures = json.loads(text)
                tally.stall = max(tally.stall, figures["stall"])
                tally.grown = max(tally.grown, figures["memory"])
            case "broken":
                raise RuntimeError(f"{tally.name}: {text}")
