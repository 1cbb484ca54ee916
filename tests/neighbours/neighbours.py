#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Resolvers, a tunnel, a media server and proxies at work while ports are reserved. Speaks TAP.

usage: neighbours.py resolvers | exchange | connections [_full]

resolvers: most ports are reserved; the resolvers of a machine answer, and none of the queries
that they send has a reserved port.

exchange: a media server and a telephone exchange own a range while the resolvers are busy; the
thefts of its ports are counted.

connections: thousands of connections go through proxies while servers and an owner listen on TCP
ports of the ephemeral range; the thefts of these are counted.

Each is done without the module as well: it has to be seen that reservations make a difference.
"""

import contextlib
import os
import sys
import threading
import time

import surroundings as here
from connections import connections
from guest import Rows

# Three ports of four, in the pieces that a machine with many services might have.
MOST = [(first, first + 383) for first in range(1024, 65536, 512)]
# In the ephemeral range, as those of media servers often are.
RANGE = (40000, 49999)
WIDTH = 100
WIREGUARD_DRAWS = 20


def hear_from(rows, state, blocks, resolver, names):
    """One resolver alone. Returns how many queries it sent, and how many from blocks."""
    name, address, command = resolver
    with here.answerer(0) as answers:
        with here.running(*command) as child, here.Sockets() as sockets:
            here.wait_for(lambda: here.answers_at_all(address), f"{name} answers")
            start = time.monotonic()
            answered, _, failed, silent = here.ask(address, names, WIDTH, name)
            took = time.monotonic() - start
            log = child.log.read_text(errors="replace").splitlines()
    thefts, bound = answers.inside(blocks), sockets.inside(blocks)
    rows.row(answered == names, f"{name}, {state}: all of {names} names are answered",
             f"{failed} failed and {silent} silent at first, {took:.1f} s, {answers.queries()} "
             f"queries from {len(answers.ports)} ports",
             *log[-5:] if answered != names else ())
    if state == "reserved":
        rows.row(not thefts and not bound, f"{name}: never on a reserved port",
                 f"{thefts} queries of {answers.queries()}, {len(bound)} sockets in "
                 f"{sockets.looks} looks: {bound[:10]}")
    else:
        rows.row(thefts > 0, f"{name}: on such ports where nothing is reserved",
                 f"{thefts} queries of {answers.queries()}, sockets on {len(bound)} ports")
    if failed:
        print(f"# covered: {name}, {state}: gave up at {failed} of {names + failed} questions, "
              "and answered when it was asked again")
    return answers.queries(), thefts


def wireguard_draws(rows):
    """The port of the tunnel's near end, as the kernel chose it, and as it chooses again."""
    good = 0
    for draw in range(WIREGUARD_DRAWS):
        if draw:
            here.call("wg", "set", "wg0", "listen-port", "0")
        port = int(here.call("wg", "show", "wg0", "listen-port"))
        good += port > 0 and not any(first <= port <= last for first, last in MOST)
    rows.row(good == WIREGUARD_DRAWS, f"WireGuard draws a port {WIREGUARD_DRAWS} times: "
             "never a reserved one", f"{good} good ones")
    received = here.call("wg", "show", "wg0", "transfer").split()[1]
    rows.row(int(received) > 0, "WireGuard carries the queries", f"{received} bytes received")


def resolvers(rows, names):
    """The first test."""
    totals = {}
    for state in ("nothing reserved", "reserved"):
        module = here.reserved(MOST) if state == "reserved" else contextlib.nullcontext()
        with module:
            with here.far_network():
                counts = [hear_from(rows, state, MOST, resolver, names)
                          for resolver in here.resolvers()]
                if state == "reserved":
                    wireguard_draws(rows)
            if state == "reserved":
                refused = sum(r["refused"] for r in here.standing())
                rows.row(refused > 0, "binds were refused, and tried elsewhere", f"{refused}")
        totals[state] = [sum(column) for column in zip(*counts)]
    ports = sum(last - first + 1 for first, last in MOST)
    print(f"# covered: {ports} ports reserved: {totals['reserved'][0]} queries sent, "
          f"{totals['reserved'][1]} of them from a reserved port ({refused} binds refused); "
          f"without the module {totals['nothing reserved'][1]} of "
          f"{totals['nothing reserved'][0]}")


class Hammer:
    """Asks all resolvers as long as it is wanted."""

    def __init__(self, stack, seed):
        self.counts = {}
        self.over = False
        for name, address, command in here.resolvers():
            stack.enter_context(here.running(*command))
            here.wait_for(lambda address=address: here.answers_at_all(address), f"{name} answers")
            self.counts[name] = [0, 0, 0, 0]
            thread = threading.Thread(target=self._ask, args=(name, address, seed))
            stack.callback(thread.join)
            thread.start()
        stack.callback(self.stop)

    def stop(self):
        """Ends it."""
        self.over = True

    def _ask(self, name, address, seed):
        number = 0
        while not self.over:
            number += 1
            more = here.ask(address, 200, WIDTH, f"{seed}{name}{number}")
            self.counts[name] = [a + b for a, b in zip(self.counts[name], more)]


def media_server(calls):
    """Coturn, and a client that makes it bind ports of its range. Returns how its binds went, and
    whether the client was content."""
    log = here.WORK / "binds"
    log.write_text("")
    env = dict(os.environ) | {"LD_PRELOAD": str(here.BIN / "witness.so"), "PORTRES_LOG": str(log),
                              "PORTRES_FIRST": str(RANGE[0]), "PORTRES_LAST": str(RANGE[1])}
    server = here.in_unit(
        "coturn.service", "turnserver", "-n", "--no-auth", "--no-tls", "--no-dtls", "--no-cli", "--no-tcp",
              "--no-tcp-relay", "--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1",
              "--listening-port=3478", f"--min-port={RANGE[0]}", f"--max-port={RANGE[1]}",
              "--pidfile=/tmp/work/turn.pid", "--userdb=/tmp/work/turn.db", "--log-file=stdout",
              "--allow-loopback-peers", "--cli-password=x", "--realm=example.net")
    with here.running(*server, environment=env), \
            here.running("turnutils_peer", "-L", "127.0.0.1", "-p", "3480"):
        for port in (3478, 3480):
            here.wait_for(lambda port=port: port in here.local_ports(), f"a server on port {port}")
        content = True
        try:
            here.call("turnutils_uclient", "-m", str(calls), "-n", "2", "-e", "127.0.0.1", "-r",
                      "3480", "-c", "127.0.0.1")
        except here.Fault as fault:
            print(f"# {fault}")
            content = False
    binds = log.read_text()
    return {letter: binds.count(letter) for letter in "+-!"}, content


def busy(rows, state, calls, seconds):
    """The range in use while the resolvers are busy. Returns thefts as the owners see them and as
    the name server sees them, and the number of queries."""
    token = None
    if state == "reserved":
        token = here.standing()[0]["token"]
    with here.far_network(), here.answerer(300) as answers, contextlib.ExitStack() as stack:
        hammer = Hammer(stack, state[0])
        turn, content = media_server(calls)
        binds, taken = map(int, here.call(
            str(here.BIN / "owner"), "udp", *map(str, RANGE), token or "0",
            str(seconds * 1000)).split())
    rows.row(content and turn["+"] >= calls and not turn["!"],
             f"{state}: coturn serves {calls} calls", f"{turn}")
    counts = [sum(column) for column in zip(*hammer.counts.values())]
    rows.row(counts[0] > 0 and counts[1] == 0,
             f"{state}: the resolvers answer all names", f"{hammer.counts}")
    thefts = answers.inside([RANGE])
    print(f"# {state}: coturn {turn}, exchange: {binds} binds, {taken} ports taken; "
          f"{thefts} of {answers.queries()} queries from the range")
    return turn["-"] + taken, turn["+"] + turn["-"] + binds, thefts, answers.queries()


def exchange(rows, calls, seconds):
    """The second test."""
    without = busy(rows, "nothing reserved", calls, seconds)
    with here.reserved([RANGE], "for unit coturn.service"):
        with_it = busy(rows, "reserved", calls, seconds)
    rows.row(without[0] > 0, "without a reservation owners find ports in other hands")
    rows.row(without[2] > 0, "without a reservation resolvers take ports of the range")
    rows.row(with_it[0] == 0, "with it owners get every port that they ask for")
    rows.row(with_it[2] == 0, "with it no resolver has a port of the range")
    for text, numbers in (("without portres", without), ("with portres", with_it)):
        print(f"# covered: {text}: {numbers[0]} port thefts in {numbers[1]} binds of the owners; "
              f"{numbers[2]} of {numbers[3]} queries from their range")


def main():
    """Runs a test."""
    rows = Rows()
    tests = {
        "resolvers": lambda: resolvers(rows, 1000),
        "resolvers_full": lambda: resolvers(rows, 20000),
        "exchange": lambda: exchange(rows, 10, 5),
        "exchange_full": lambda: exchange(rows, 200, 120),
        "connections": lambda: connections(rows, 80),
        "connections_full": lambda: connections(rows, 800),
    }
    try:
        tests[sys.argv[1]]()
    except here.Fault as fault:
        rows.row(False, "the surroundings", *str(fault).splitlines())
    return rows.end()


if __name__ == "__main__":
    sys.exit(main())
