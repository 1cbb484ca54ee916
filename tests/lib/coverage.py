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


def sources_of(folder):
    """Paths of the C files in a folder and in those below, but for the module's own tests."""
    paths = (path.relative_to(TOP) for path in (TOP / folder).rglob("*.[ch]"))
    return {path for path in paths if "tests" not in path.parts}


def sources_key():
    """Stands for the sources of module and library as they are."""
    digest = hashlib.sha256()
    for path in sorted(path for folder in ("kmod", "userlib") for path in sources_of(folder)):
        digest.update(str(path).encode() + b"\0" + (TOP / path).read_bytes())
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
        # a guest names a file by the last of its folders
        self.notes = {f"{path.parent.name}/{path.name}": (path.relative_to(top), path.read_bytes())
                      for top, folder in ((TOP / "build" / release, "kmod"), (COUNTED, "userlib"))
                      for path in (top / folder).rglob("*.gcno")}
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
            path, notes = self.notes[str(pathlib.Path(name).with_suffix(".gcno"))]
            path = self.home / path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.with_suffix(".gcda").write_bytes(data)
            path.write_bytes(notes)


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


def find_source(known, told):
    """The source that the compiler names by a path, which may begin in any folder."""
    told = pathlib.PurePath(told)
    for path in known:
        if told.parts[-len(path.parts):] == path.parts:
            return path
    found = [path for path in known
             if not told.is_absolute() and path.parts[-len(told.parts):] == told.parts]
    return found[0] if len(found) == 1 else None


def add_run(lines, home, folder):
    """Adds what a run tells of a folder to lines: (path of the source in the folder, number) ->
    Line."""
    counts = sorted((home / folder).rglob("*.gcda"))
    if not counts:
        return False
    told = subprocess.run(["gcov", "--json-format", "--stdout", "--branch-probabilities",
                           *(path.relative_to(home) for path in counts)], cwd=home, check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    known = sources_of(folder)
    for document in told.splitlines():
        for source in json.loads(document)["files"]:
            path = find_source(known, source["file"])
            if not path:
                continue
            name = str(path.relative_to(folder))
            for line in source["lines"]:
                lines.setdefault((name, line["line_number"]), Line()).add(line)
    return True


def summary(lines):
    """How many lines, and how many of them were run; the same of branches."""
    ways = [way for line in lines for way in line.branches]
    return (sum(bool(line.count) for line in lines), len(lines),
            sum(bool(way) for way in ways), len(ways))
