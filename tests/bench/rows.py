# SPDX-License-Identifier: GPL-2.0-only
"""What was measured, and the rows of the table that is made of it: what is compared with what, and
how much more it may be."""

import collections
import re

COUNTS = (1, 1000, 30000)
FAMILIES = ("v4", "v6")
# with the module, and nothing reserved: before the first reservation, and after the last one
EMPTY = ("idle", "again")
# What portres restore and show -j took for each of 30,000 entries on 6.12, when they were new.
FIRST_RESTORE = 56346
FIRST_SHOW = 37034
# "# measured: ROW FAMILY VARIANT N LEAST MEDIAN MEAN MOST"
LINE = re.compile(r"# measured: (\S+) (\S+) (\S+) (\d+) (\d+) (\d+) (\d+) (\d+)$")

Value = collections.namedtuple("Value", "times least median mean")
Row = collections.namedtuple("Row", "what against family baseline ours difference bound met")


def read(path):
    """The numbers in what a program said: (row, family, variant) -> Value."""
    numbers = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if match := LINE.match(line):
            row, family, variant, times, least, median, mean, _ = match.groups()
            numbers[row, family, variant] = Value(*map(int, (times, least, median, mean)))
    return numbers


class Table:
    """The rows of one kernel. With @guard only what is new is not met: a bound is that is missed by
    a few per cent, as another compiler makes other code, and one that never was."""

    def __init__(self, numbers, guard=False):
        self.numbers = numbers
        self.guard = guard
        self.slack = 1.05 if guard else 1
        self.rows = []

    def fill(self):
        """All rows."""
        self.fill_guarded()
        for family in FAMILIES:
            self._port_0(family)
        for family in FAMILIES:
            self._blocks(family)
        self._tcp_block()
        self._lists()
        self._scale()
        return self

    def fill_guarded(self):
        """The rows of what each bind and connect pays, and each namespace."""
        for family in FAMILIES:
            self._idle(family)
            self._binds(family)
            self._owners_binds(family)
            self._beside_bpf(family)
        for family in FAMILIES:
            self._tcp(family)
            self._tcp_third(family)
            self._tcp_exhausted(family)
            self._tcp_owners(family)
        self._memory()
        return self

    def _median(self, row, family, variant):
        return self.numbers[row, family, variant].median

    def _worst(self, row, family, *places):
        """The most that it costs with any number of reservations, in any of the places."""
        return max(self._median(row, family, f"{place}-{n}") for place in places for n in COUNTS)

    def _add(self, what, against, family, baseline, ours, difference, bound, met):
        self.rows.append(Row(what, against, family, baseline, ours, difference, bound, met))

    def _plus(self, what, family, baseline, ours, most, against="no module", floor=0):
        accepted = max(most, floor) if self.guard else most
        self._add(what, against, family, baseline, ours, f"{ours - baseline:+d}", f"+{most}",
                  ours - baseline <= accepted * self.slack)

    # @floor: what is known to be needed, where that is more than it may be.
    def _times(self, what, against, family, baseline, ours, most, floor=0):
        ratio = ours / baseline
        accepted = max(most, floor) if self.guard else most
        self._add(what, against, family, baseline, ours, f"{ratio:.3g} x", f"{most} x",
                  ratio <= accepted * self.slack)

    def _idle(self, family):
        none = self._median("taken", family, "none")
        self._plus("bind that the kernel refuses; nothing is reserved", family, none,
                   max(self._median("taken", family, state) for state in EMPTY), 60)

    def _binds(self, family):
        for row, what in (("given", "bind to an unreserved port"),
                          ("any", "bind to port 0, none reserved in the ephemeral range")):
            none = self._median(row, family, "none")
            every = [self._median(row, family, state) for state in EMPTY]
            every += [self._median(row, family, f"{place}-{n}")
                      for place in ("here", "other") for n in COUNTS]
            self._plus(f"{what}; 0 to 30,000 reservations, here or elsewhere", family, none,
                       max(every), 60)
            self._plus("the same, the most and the least of these", family, min(every),
                       max(every), 0, against="itself")

    def _port_0(self, family):
        self._times("bind to port 0; a third of the range reserved", "no module, same range",
                    family, self._median("any-third", family, "none"),
                    self._median("any-third", family, "here"), 1.05)
        self._times("bind to port 0; all reserved but 100 ports, 99 of them taken",
                    "no module, a range of 100", family,
                    self._median("any-exhausted", family, "none"),
                    self._median("any-exhausted", family, "here"), 2)
        self._times("filling a block of 10,000 by port 0, per bind", "filling 10,000 of the range",
                    family, self.numbers["fill", family, "none"].mean,
                    self.numbers["fill", family, "here"].mean, 1.5)

    def _owners_binds(self, family):
        self._times("bind of an associated socket to a port", "no module", family,
                    self._median("given", family, "none"),
                    self._worst("associated-given", family, "here"), 1.2)
        self._times("bind of an associated socket to port 0, empty block", "no module", family,
                    self._median("any", family, "none"),
                    self._worst("associated-any", family, "here"), 1.2)
        for kind in ("user", "unit", "cgroup"):
            self._granted_binds(f"granted-{kind}",
                                f"bind to a reserved port by a grant for a {kind}", "given", family)
        self._times("bind to a reserved port, refused", "the kernel's EADDRINUSE", family,
                    self._median("taken", family, "none"),
                    self._worst("refused", family, "here"), 1.2)

    def _granted_binds(self, row, what, plain, family):
        """With 30,000, there are 48 others in the block's stretch of 128 ports."""
        none = self._median(plain, family, "none")
        few = max(self._median(row, family, f"here-{n}") for n in COUNTS[:-1])
        many = self._median(row, family, f"here-{COUNTS[-1]}")
        self._times(what, "no module", family, none, few, 1.25)
        self._times("the same, 48 reservations stand lower in its stretch of 128 ports",
                    "no module", family, none, many, 1.5)

    def _beside_bpf(self, family):
        none = self._median("given", family, "none")
        ours = self._worst("given", family, "here") - none
        for kind in ("hash", "array"):
            theirs = min(self._median("given", family, f"{kind}-{n}") for n in COUNTS) - none
            self._times("what a bind pays for us", f"for BPF with the list as {kind}", family,
                        theirs, ours, 0.25)

    def _tcp(self, family):
        # what answers a SYN does not take the same each time
        for row, what, most, spread in (
                ("tcp-given", "TCP bind to an unreserved port", 80, 0),
                ("tcp-any", "TCP bind to port 0", 80, 0),
                ("tcp-connect", "TCP connect, which chooses a port", 140, 20)):
            every = [self._median(row, family, state) for state in EMPTY]
            every += [self._median(row, family, f"{place}-{n}")
                      for place in ("here", "other") for n in COUNTS]
            self._plus(f"{what}; 0 to 30,000 reservations, here or elsewhere", family,
                       self._median(row, family, "none"), max(every), most)
            self._plus("the same, the most and the least of these", family, min(every),
                       max(every), 0, against="itself", floor=spread)

    def _tcp_third(self, family):
        for row, what, most, floor in (("tcp-any-third", "TCP bind to port 0", 1.05, 1.16),
                                       ("tcp-connect-third", "TCP connect", 1.02, 0)):
            ours = self._median(row, family, "here")
            self._times(f"{what}; a third of the range reserved", "no module, same range", family,
                        self._median(row, family, "none"), ours, most, floor)
            self._times("the same", "that third in ip_local_reserved_ports", family,
                        self._median(row, family, "listed"), ours, 1.02, floor)

    def _tcp_exhausted(self, family):
        for row, what in (("tcp-any-exhausted", "TCP bind to port 0"),
                          ("tcp-connect-exhausted", "TCP connect")):
            self._times(f"{what}; all reserved but 100 ports, 99 of them taken",
                        "no module, a range of 100", family, self._median(row, family, "none"),
                        self._median(row, family, "here"), 2)

    def _tcp_owners(self, family):
        none = self._median("tcp-given", family, "none")
        self._times("TCP bind of an associated socket", "no module", family, none,
                    self._worst("tcp-associated", family, "here"), 1.2)
        self._granted_binds("tcp-granted", "TCP bind by a grant for a user", "tcp-given", family)
        self._times("TCP bind to a reserved port, refused", "the kernel's EADDRINUSE", family,
                    self._median("tcp-taken", family, "none"),
                    self._worst("tcp-refused", family, "here"), 1.2)

    def _tcp_block(self):
        self._times("create a block of 10,000 TCP ports", "10,000 placeholder sockets", "",
                    self._least("tcp-make-10000", "-", "sockets"),
                    self._least("tcp-make-10000", "-", "here"), 0.05)
        self._times("the same, beside 50,000 connections", "10,000 placeholder sockets", "",
                    self._least("tcp-make-10000", "-", "sockets"),
                    self._least("tcp-make-10000", "-", "connections"), 0.05)

    def _least(self, row, family, variant):
        return self.numbers[row, family, variant].least

    def _blocks(self, family):
        self._times("create and delete a block of 10", "10 placeholder sockets", family,
                    self._least("make-and-end-10", family, "sockets"),
                    self._least("make-and-end-10", "-", "here"), 1)
        for size in (10000, 64512):
            self._times(f"create a block of {size:,}", f"{size:,} placeholder sockets", family,
                        self._least(f"make-{size}", family, "sockets"),
                        self._least(f"make-{size}", "-", "here"), 0.05)
        self._times("the same, bytes of memory", "10,000 placeholder sockets", family,
                    self._median("memory-block", family, "sockets"),
                    self._median("memory-block", "-", "here"), 0.001)

    def per_entry(self, row, count):
        """What each of so many costs, without what it costs to begin."""
        return (self._least(f"{row}-{count}", "-", "here") -
                self._least(f"{row}-0", "-", "here")) // count

    def _lists(self):
        for row, what in (("dump", "dump of 30,000, per entry"),
                          ("restore", "portres restore of 30,000, per entry")):
            few, many = self.per_entry(row, 300), self.per_entry(row, 30000)
            self._add(what, "of 300, per entry", "", few, many, f"{many / few:.3g} x",
                      "0.9 to 1.1 x", 0.9 <= many / few <= 1.1)
        for row, what, first in (("restore", "portres restore", FIRST_RESTORE),
                                 ("show", "portres show -j", FIRST_SHOW)):
            self._times(f"{what} of 30,000, per entry", "version 0.1 on 6.12", "", first,
                        self.per_entry(row, 30000), 0.5)
        # What the command does once, such as binding functions, is spread over so many.
        for row, what in (("restore-again", "a second portres restore of 30,000, per entry"),
                          ("show", "portres show -j of 30,000, per entry"),
                          ("show-both", "the same, half of them of each protocol")):
            self._times(what, "of 300, per entry", "", self.per_entry(row, 300),
                        self.per_entry(row, 30000), 1.1)

    def _scale(self):
        """A thousand namespaces, each with 30 reservations and 20 sockets."""
        for row, what, most in (("udp", "UDP bind", 60), ("tcp", "TCP bind", 80),
                                ("connect", "TCP connect", 140)):
            none, ours = ([self._median(f"scale-{row}", "v4", f"{variant}-{n}")
                           for n in (1, 1000)] for variant in ("none", "here"))
            self._plus(f"{what} in one of 1,000 namespaces, less that in the only one",
                       "v4", none[1] - none[0], ours[1] - ours[0], most)
        for row, what in (("make", "creation of 30 reservations in each of 1,000 namespaces"),
                          ("list", "dump of them"), ("memory", "bytes of them")):
            one, all_of_them = (self._median(f"scale-{row}", "-", f"here-{n}") for n in (10, 1000))
            self._times(f"{what}, per namespace", "of 10 namespaces", "", one // 10,
                        all_of_them // 1000, 1.1)

    def _memory(self):
        for row, variant, what, most in (
                ("memory-never", "idle", "bytes of a network namespace that never reserved", 1024),
                ("memory-both", "here", "bytes of one with reservations of both protocols", 32768),
                ("memory-each", "here", "bytes of each further reservation", 256)):
            ours = self._median(row, "-", variant)
            self._add(what, "no module", "", 0, ours, f"{ours:+d}", f"+{most}", ours <= most)
