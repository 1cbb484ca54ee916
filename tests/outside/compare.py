#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Runs programs that know nothing of the module three times on one kernel: without it, with it
idle, with it and reservations that they do not use. Each of their tests has to end in the
same way all three times. Speaks TAP, a row for each test.

What did not pass anywhere is shown as skipped: it was compared, but proves little.

usage: compare.py SUITE
"""

import sys

import states
import suites

PASS = "pass"
ABSENT = ("absent", "")
REPEATS = 3
TAIL = 15


class Rows:
    """TAP."""

    def __init__(self):
        self.count = self.failed = 0

    def row(self, good, text, skip=None):
        """One row."""
        self.count += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.count} - {text.replace('#', '%')}"
              + (f" # SKIP {skip}" if skip else ""), flush=True)

    @staticmethod
    def explain(lines):
        """About the row before."""
        for line in lines:
            print(f"# {line}")

    def end(self):
        """The plan; returns the exit status."""
        print(f"1..{self.count}", flush=True)
        return 1 if self.failed else 0


def run_in(state, programs, rows):
    """Runs all programs in a state; returns what became of them, and of their tests."""
    results = {}
    try:
        with states.enter(state) as stage:
            for program in programs:
                results[program.name] = program.run(stage.environment())
            wrong = stage.problems()
    except states.Fault as fault:
        wrong = [str(fault)]
    if wrong:
        rows.row(False, f"the state: {state}")
        rows.explain(wrong)
    return results


class Comparison:
    """Of one program."""

    def __init__(self, program, results):
        self.program = program
        self.results = results  # state -> Result
        self.count = {"pass": 0, "fail": 0, "skip": 0, "differ": 0, "unstable": 0}
        self.again = None

    def names(self):
        """All tests that were seen in any state, in their order."""
        return list(dict.fromkeys(name for result in self.results.values()
                                  for name in result.tests))

    def unstable(self, name):
        """Does it end in different ways without the module as well? Then a difference is not
        the module's."""
        if self.again is None:
            with states.enter(states.WITHOUT) as stage:
                self.again = [self.program.run(stage.environment()) for _ in range(REPEATS)]
        first = self.results[states.WITHOUT].tests.get(name, ABSENT)[0]
        return any(result.tests.get(name, ABSENT)[0] != first for result in self.again)

    def judge(self, rows):
        """A row for each test."""
        for name in self.names():
            ends = [result.tests.get(name, ABSENT) for result in self.results.values()]
            outcomes = [end[0] for end in ends]
            text = f"{self.program.name}: {name}"
            if len(set(outcomes)) > 1:
                self._differs(rows, text, name, outcomes)
                continue
            outcome, reason = ends[0]
            self.count[outcome] += 1
            skip = None
            if outcome == "skip":
                skip = reason or "skipped by itself"
            elif outcome != PASS:
                skip = f"fails without the module as well: {reason}"
            rows.row(True, text, skip)

    def _differs(self, rows, text, name, outcomes):
        told = ", ".join(f"{state}: {outcome}" for state, outcome in zip(self.results, outcomes))
        if self.unstable(name):
            self.count["unstable"] += 1
            rows.row(True, text, f"ends in different ways without the module as well ({told})")
            return
        self.count["differ"] += 1
        rows.row(False, f"{text} ({told})")
        for number, (state, result) in enumerate(self.results.items()):
            if outcomes[number] != outcomes[0]:
                reason = result.tests.get(name, ABSENT)[1]
                rows.explain([f"{state}: {reason}"] + result.about(name, TAIL))


def main():
    """Runs, compares, tells."""
    programs = suites.find(sys.argv[1])
    rows = Rows()
    print(f"# {len(programs)} programs of {sys.argv[1]}, {len(states.ALL)} times", flush=True)
    ends = {state: run_in(state, programs, rows) for state in states.ALL}
    if rows.failed:
        return rows.end()
    total = dict.fromkeys(("pass", "fail", "skip", "unstable", "differ"), 0)
    for program in programs:
        comparison = Comparison(program, {state: ends[state][program.name] for state in ends})
        comparison.judge(rows)
        for key, number in comparison.count.items():
            total[key] += number
        seconds = [f"{ends[state][program.name].seconds:.1f}" for state in ends]
        print(f"# {program.name}: {comparison.count}, {'/'.join(seconds)} s", flush=True)
    print(f"# covered: {sum(total.values())} outside tests compared: {total['pass']} passed, "
          f"{total['fail']} failed, {total['skip']} skipped in all three states, "
          f"{total['unstable']} unstable, {total['differ']} differ")
    rows.row(total["pass"] > 0, "something passed")
    return rows.end()


if __name__ == "__main__":
    sys.exit(main())
