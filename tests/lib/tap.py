# SPDX-License-Identifier: GPL-2.0-only
"""Reads TAP and the kernel's KTAP: counts the rows, and demands complete plans."""

import os
import re

ROW = re.compile(r"^( *)(not )?ok\b *(\d+)?(?: *-)? *(.*)$")
PLAN = re.compile(r"^( *)1\.\.(\d+)(?: *# *skip\b *(.*))?", re.IGNORECASE)
SKIP = re.compile(r"# *skip\b", re.IGNORECASE)
# a comment that people want to see though it is no fault: what was done, in numbers
COVERED = re.compile(r"^ *# covered: (.*)$")


class Report:
    """The rows of one program. A row that has rows nested before it is not counted itself."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.rows = 0
        self.plan = None
        self.problems = []  # lines for people: failed rows with their diagnostics
        self.covered = []  # and what was done
        self._nested = {}  # indentation -> [rows, plan, failed rows]
        self._quote = False

    def feed(self, line):
        """Takes the next line of output."""
        line = line.rstrip("\r\n")
        if match := ROW.match(line):
            self._row(len(match[1]), bool(match[2]), bool(SKIP.search(match[4])), line)
        elif match := PLAN.match(line):
            self._plan(len(match[1]), int(match[2]), match[3] is not None)
        elif match := COVERED.match(line):
            self.covered.append(match[1])
        elif self._quote and line.lstrip().startswith("#"):
            self.problems.append(line)
        elif line.startswith("Bail out!"):
            self.fault(line)
        else:
            self._quote = False

    def fault(self, text):
        """Counts something that went wrong beside the rows."""
        self.failed += 1
        self.problems.append(text)

    def finish(self):
        """Ends the report: a plan that was not kept is a failure."""
        if self.plan is None:
            self.fault("no plan: the program ended early" if self.rows else "no TAP at all")
        elif self.plan != self.rows:
            self.fault(f"planned {self.plan} rows, saw {self.rows}")

    def _row(self, depth, bad, skip, line):
        inner = self._take_nested(depth)
        if depth:
            level = self._nested.setdefault(depth, [0, None, 0])
            level[0] += 1
            level[2] += bad
        else:
            self.rows += 1
        if inner and bad and inner[2]:
            self.problems.append(line)  # told by the rows inside
        elif bad:
            self.failed += 1
            self.problems.append(line)
        elif not inner:
            self.skipped += skip
            self.passed += not skip
        if inner and inner[1] is not None and inner[0] != inner[1]:
            self.fault(f"{line.strip()}: planned {inner[1]} rows, saw {inner[0]}")
        self._quote = bad

    def _take_nested(self, depth):
        deeper = [d for d in self._nested if d > depth]
        inner = self._nested[min(deeper)] if deeper else None
        for key in deeper:
            del self._nested[key]
        return inner

    def _plan(self, depth, count, skip):
        if depth:
            self._nested.setdefault(depth, [0, None, 0])[1] = count
            return
        self.plan = count
        if count == 0 and skip:
            self.skipped += 1


def add_totals(name, passed, failed, skipped):
    """Appends the counts to the file that the caller collects them in."""
    if path := os.environ.get("PORTRES_TOTALS"):
        with open(path, "a", encoding="utf-8") as totals:
            totals.write(f"{passed} {failed} {skipped} {name}\n")
