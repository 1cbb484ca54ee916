# SPDX-License-Identifier: GPL-2.0-only
"""What tests tell of the lines of module and library that were run: kept, and put together."""

import hashlib
import json
import pathlib
import shutil
import subprocess

TOP = pathlib.Path(__file__).resolve().parents[2]
KEPT = TOP / "build/coverage"


# Where what is run is counted: the library, for guests and for the unit tests.
COUNTED = TOP / "build/counted"
MAKE = [f"BUILD={COUNTED}", "CFLAGS=-O1 -g --coverage"]


def sources_key():
    """Stands for the sources of module and library as they are."""
    digest = hashlib.sha256()
    for path in sorted([*(TOP / "kmod").glob("*.[ch]"), *(TOP / "userlib").glob("*.[ch]")]):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def home_of(run):
    """Where a run is kept, for the sources that it ran; in directories as those of the sources."""
    return KEPT / sources_key() / run


class Harvest:
    """Of one guest."""

    def __init__(self, run):
        self.run = run
        self.files = {}
        self.home = self.notes = None

    def begin(self, release):
        """Takes what the compiler noted, before it compiles something else."""
        self.home = home_of(self.run)
        self.notes = {f"{p.parent.name}/{p.name}": p.read_bytes()
                      for objects in (TOP / "build" / release / "kmod", COUNTED / "userlib")
                      for p in objects.glob("*.gcno")}
        self.files = {}

    def take(self, rest):
        """A piece of a file: its name below its directory, and bytes in hexadecimal digits."""
        name, _, digits = rest.partition(" ")
        if name.removesuffix(".gcda") + ".gcno" in self.notes:
            self.files.setdefault(name, bytearray()).extend(bytes.fromhex(digits))

    def store(self):
        """Keeps it, in place of what was kept of the same run before."""
        if not self.files:
            return
        shutil.rmtree(self.home, ignore_errors=True)
        self.home.mkdir(parents=True)
        for name, data in self.files.items():
            path = self.home / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(data)
            path.with_suffix(".gcno").write_bytes(self.notes[str(pathlib.Path(name).with_suffix(".gcno"))])


class Line:
    """A line of a source: how often it was run, which ways it went on."""

    def __init__(self):
        self.count = 0
        self.branches = []

    def add(self, told):
        """Adds what one object file of one run tells of it."""
        self.count += told["count"]
        counts = [branch["count"] for branch in told["branches"]]
        if len(counts) == len(self.branches):
            self.branches = [a + b for a, b in zip(self.branches, counts)]
        elif len(counts) > len(self.branches):
            self.branches = counts


def add_run(lines, home, folder):
    """Adds what a run tells of a folder to lines: (name of the source, number) -> Line."""
    home = home / folder
    if not any(home.glob("*.gcda")):
        return False
    told = subprocess.run(["gcov", "--json-format", "--stdout", "--branch-probabilities",
                           *sorted(p.name for p in home.glob("*.gcda"))], cwd=home, check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    known = {p.name for p in (TOP / folder).glob("*.[ch]")}
    for document in told.splitlines():
        for source in json.loads(document)["files"]:
            path = pathlib.Path(source["file"])
            if path.name not in known:
                continue
            for line in source["lines"]:
                lines.setdefault((path.name, line["line_number"]), Line()).add(line)
    return True


def summary(lines):
    """How many lines, and how many of them were run; the same of branches."""
    ways = [way for line in lines for way in line.branches]
    return (sum(bool(line.count) for line in lines), len(lines),
            sum(bool(way) for way in ways), len(ways))
