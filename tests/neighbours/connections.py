# SPDX-License-Identifier: GPL-2.0-only
"""Thousands of connections through proxies, while a third of the ephemeral range is reserved."""

import contextlib
import pathlib
import signal
import subprocess
import threading
import time

import services
import surroundings as here
from guest import Again, tcp_sockets

EPHEMERAL = pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range")
RANGE = "32000\t34999"
# The ports of a program that listens on each of them in turn.
OWN = (33200, 33799)
OWNER = "owner.service"
BLOCKS = {**services.UNITS, OWNER: OWN}
BETWEEN_RESTARTS = 0.5
# Enough that some wait for a port that is about to be had again.
LAST_REQUESTS = 50
LEAST_STARTS = 4


class Watch(Again):
    """Looks again and again which connections have a port of the blocks that is no listener's."""

    def __init__(self):
        super().__init__(0.5)
        self.ports = set()
        self.looks = self.most = 0

    def once(self):
        sockets = tcp_sockets()
        self.ports |= {port for port, state in sockets
                       if state != services.LISTEN and port not in services.LISTENERS
                       and any(first <= port <= last for first, last in BLOCKS.values())}
        self.most = max(self.most, len(sockets))
        self.looks += 1


def curl(port, page, number, at_a_time, *options):
    """Asks for a page many times, each by a connection of its own; returns how often it came."""
    done = subprocess.run(
        ["curl", "-sS", "-Z", "--parallel-immediate", "--parallel-max", str(at_a_time),
         "--max-time", "100", "-H", "Connection: close", "-o", "/dev/null", "-w",
         "%{http_code}\\n", *options,
         f"http://127.0.0.1:{port}/{page}?[1-{number}]"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    # with -Z it tells of its progress all the same
    for line in [line for line in done.stderr.splitlines() if line.startswith("curl:")][:5]:
        print(f"# {line}", flush=True)
    return done.stdout.splitlines().count("200")


def redis(number):
    """Asks Redis the same; returns how many it heard."""
    def heard():
        words = here.call("redis-cli", "-p", str(services.STORE), "info", "commandstats")
        return int(words.partition("cmdstat_ping:calls=")[2].partition(",")[0] or 0)
    before = heard()
    try:
        here.call("redis-benchmark", "-p", str(services.STORE_DOOR), "-k", "0", "-c", "20",
                  "-n", str(number), "-t", "ping_mbulk", "--csv")
    except here.Fault as fault:
        print(f"# {fault}", flush=True)
    return heard() - before


def pgbench(number):
    """Transactions, each by a connection of its own; returns how many were processed."""
    script = services.write("select.sql", "SELECT 1;\n")
    clients = 4
    program = next(pathlib.Path("/usr/lib/postgresql").glob("*/bin/pgbench"))
    try:
        told = here.call(program, "-h", "127.0.0.1", "-p", str(services.DATABASE), "-U", "owner",
                         "-n", "-C", "-f", script, "-c", str(clients), "-t", str(number // clients),
                         "postgres")
    except here.Fault as fault:
        print("# " + " ".join(str(fault).split()), flush=True)
        return 0
    return int(told.partition("actually processed: ")[2].partition("/")[0])


def multipath(number):
    """Asks the Go program by MPTCP; returns how many answers came by it."""
    return int(here.call(str(here.BIN / "mptcp"), "ask", str(services.MULTIPATH), str(number), "20"))


class Storms:
    """All kinds of requests at a time; counts which were answered."""

    def __init__(self, size):
        self.asked = {}
        self.answered = {}
        self._threads = []
        self._add("pages", size * 4, curl, services.FRONT, "", size * 4, 30)
        self._add("from an address", size * 2, curl, services.FRONT, "", size * 2, 20,
                  "--interface", "127.0.0.7")
        self._add("slow pages", size, curl, services.FRONT, "slow", size, 80)
        self._add("through ssh", size // 2, curl, services.TUNNEL, "", size // 2, 10)
        self._add("redis", size * 4, redis, size * 4)
        self._add("transactions", size, pgbench, size)
        self._add("by MPTCP", size * 2, multipath, size * 2)

    def _add(self, name, number, function, *arguments):
        def go():
            self.answered[name] = function(*arguments)
        self.asked[name] = number
        self._threads.append(threading.Thread(target=go))

    def start(self):
        """Begins all."""
        for thread in self._threads:
            thread.start()

    def rage(self):
        """Are there any that have not ended?"""
        return any(thread.is_alive() for thread in self._threads)


class Restarts:
    """What became of the listeners that were started again."""

    def __init__(self):
        self.starts = self.refused = self.after_waiting = 0
        self.least = None

    def again(self, service):
        """Once more."""
        waiting = service.waiting()
        service.stop()
        if service.start():
            if waiting:
                self.after_waiting += 1
                self.least = min(waiting, self.least or waiting)
        else:
            self.refused += 1
        self.starts += 1

    def __str__(self):
        return (f"{self.starts} starts, {self.refused} refused, {self.after_waiting} succeeded "
                f"with {self.least} or more connections in TIME_WAIT")


@contextlib.contextmanager
def owner():
    """Listens on its ports in turn; yields how many binds there were and how many were refused,
    which is known at the end."""
    counts = []
    with here.running(*here.in_unit(OWNER, str(here.BIN / "owner"), "tcp", *map(str, OWN), "0",
                                    "9000000"), stop=signal.SIGTERM, name="owner") as child:
        yield counts
    counts += map(int, child.log.read_text().split())


def storm(rows, state, size):
    """All services, storms through them, restarts in the middle. Returns the counts."""
    restarts, storms = Restarts(), Storms(size)
    with contextlib.ExitStack() as stack:
        by_name = {service.name: service for service in services.services()}
        begun = []
        for service in by_name.values():
            stack.callback(service.stop)
            begun.append(service.start())
        rows.row(all(begun), f"{state}: all servers listen")
        stack.enter_context(services.tunnel())
        with Watch() as watch, owner() as binds:
            start = time.monotonic()
            storms.start()
            while storms.rage() or restarts.starts < LEAST_STARTS:
                restarts.again(by_name["more_pages"])
                restarts.again(by_name["sshd"])
                time.sleep(BETWEEN_RESTARTS)
            took = time.monotonic() - start
        rows.row(storms.answered == storms.asked, f"{state}: all requests succeed",
                 f"asked {storms.asked}", f"answered {storms.answered}, {took:.1f} s")
        if state == "reserved":
            start_after_connections(rows, by_name.values())
    print(f"# {state}: owner {binds}, {restarts}, up to {watch.most} sockets, connections on "
          f"{len(watch.ports)} ports of the blocks in {watch.looks} looks", flush=True)
    return binds, restarts, watch, sum(storms.answered.values())


def start_after_connections(rows, servers):
    """Those that close connections first, right after many of them."""
    for service in servers:
        if service.waits:
            port = service.ports[0]
            answered = curl(port, "", LAST_REQUESTS, 20)
            last = Restarts()
            last.again(service)
            rows.row(answered == LAST_REQUESTS and last.after_waiting == 1,
                     f"{service.name}: is started again right after connections", str(last))


def connections(rows, size):
    """The test. Reserved first: a connection waits for a minute and would be in the way then."""
    before = EPHEMERAL.read_text(encoding="ascii")
    EPHEMERAL.write_text(RANGE, encoding="ascii")
    try:
        lines = [f"tcp {first}-{last} for unit {unit}" for unit, (first, last) in BLOCKS.items()]
        with here.declared(lines):
            binds, restarts, watch, answered = storm(rows, "reserved", size)
        bare_binds, bare_restarts, bare_watch, bare_answered = storm(rows, "not reserved", size)
    finally:
        EPHEMERAL.write_text(before, encoding="ascii")
    rows.row(bare_binds[1] > 0, "without a reservation the owner finds ports in other hands",
             f"{bare_binds[1]} of {bare_binds[0]}")
    rows.row(bare_watch.ports, "without a reservation connections have ports of the blocks",
             f"{len(bare_watch.ports)} in {bare_watch.looks} looks")
    rows.row(binds[0] > 0 and binds[1] == 0, "with it the owner gets every port at every time",
             f"{binds[1]} of {binds[0]} refused")
    rows.row(watch.looks > 0 and not watch.ports, "with it no connection has a port of the blocks",
             f"{watch.looks} looks: {sorted(watch.ports)[:10]}")
    rows.row(restarts.starts >= LEAST_STARTS and not restarts.refused,
             "with it listeners that start again in the middle get their ports", str(restarts))
    rows.row(restarts.after_waiting > 0, "also while connections wait there")
    rows.row(answered == bare_answered, "as many requests succeed as without",
             f"{answered} and {bare_answered}")
    for text, numbers, again in (("without portres", bare_binds, bare_restarts),
                                 ("with portres", binds, restarts)):
        print(f"# covered: {text}: {numbers[1]} port thefts in {numbers[0]} binds of the owner, "
              f"{again.refused} in {again.starts} starts of listeners")
