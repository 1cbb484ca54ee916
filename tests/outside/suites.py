# SPDX-License-Identifier: GPL-2.0-only
"""The outside programs, how they are run, and how they tell what became of their tests.

A test ends as ("pass" | "fail" | "skip", reason)."""

import dataclasses
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
NET = HERE / "selftests/net"
KSFT_SKIP = 4
PASS, FAIL, SKIP = "pass", "fail", "skip"
EXIT = "exit status"

ROW = re.compile(r"^(not )?ok \d+ ?(?:- )?([^#]*?) *(?:# *(\w+) *(.*))?$")
GO_ROW = re.compile(r"^--- (PASS|FAIL|SKIP): (\w+)")
OUR_ROW = re.compile(r"^=(pass|fail|skip)= (\S+) ?(.*)$")
FCNAL_ROW = re.compile(r"^TEST: (.*?) *\[ *(OK|FAIL) *\]$")
FCNAL_HEAD = re.compile(r"^#{20,}$")


@dataclasses.dataclass
class Result:
    """What became of a program."""
    tests: dict
    lines: list
    seconds: float

    def about(self, name, count):
        """The lines of output where a test is named, or the last ones."""
        word = name.split(" (")[0].rpartition(": ")[2]
        at = next((i for i, line in enumerate(self.lines) if word in line), len(self.lines))
        return self.lines[max(0, at - count):at + count]


def whole(lines, status):
    """A program that tells nothing but its exit status."""
    last = next((line.strip() for line in reversed(lines) if line.strip()), "it says nothing")
    if status == 0:
        return {EXIT: (PASS, "")}
    if status == KSFT_SKIP:
        return {EXIT: (SKIP, last)}
    return {EXIT: (FAIL, f"status {status}: {last}")}


def named(rows):
    """The same name again is another test."""
    tests = {}
    for name, end in rows:
        number, key = 1, name
        while key in tests:
            number += 1
            key = f"{name} ({number})"
        tests[key] = end
    return tests


def ktap(lines, status):
    """Rows of the kernel's TAP, and the exit status."""
    rows = []
    for line in lines:
        if match := ROW.match(line):
            bad, name, word, reason = match.groups()
            end = (SKIP, reason) if word == "SKIP" else (FAIL if bad else PASS, "its row says so")
            rows.append((name, end))
    return named(rows + list(whole(lines, status).items()))


def go_rows(lines, status):
    """What go test -v prints."""
    words = {"PASS": PASS, "FAIL": FAIL, "SKIP": SKIP}
    rows = []
    for number, line in enumerate(lines):
        if match := GO_ROW.match(line):
            reason = lines[number - 1].strip() if match[1] != "PASS" else ""
            rows.append((match[2], (words[match[1]], reason)))
    if not rows:
        return whole(lines, status or 1)
    return named(rows)


def python_rows(lines, status):
    """What unittests.py prints."""
    rows = [(match[2], (match[1], match[3])) for line in lines if (match := OUR_ROW.match(line))]
    if not rows or status:
        rows += whole(lines, status or 1).items()
    return named(rows)


def fcnal_rows(lines, status):
    """What fcnal-test.sh prints: sections, and a line for each test in them."""
    rows, part = [], ""
    for before, line in zip([""] + lines, lines):
        if match := FCNAL_ROW.match(line):
            good = match[2] == "OK"
            rows.append((f"{part}: {match[1]}", (PASS if good else FAIL, "its line says so")))
        elif FCNAL_HEAD.match(before) and line.strip("# "):
            part = line.strip("# ")
    return named(rows) if rows else whole(lines, status or 1)


@dataclasses.dataclass
class Program:
    """One program. Its limit is five times what it takes beside others, and more."""
    name: str
    command: list
    rows: object = whole
    folder: pathlib.Path = NET
    limit: int = 900

    def run(self, environment):
        """Runs it, with all that it starts."""
        start = time.monotonic()
        with subprocess.Popen(self.command, cwd=self.folder, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              env=environment, start_new_session=True) as child:
            try:
                output, _ = child.communicate(timeout=self.limit)
                status = child.returncode
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                output, _ = child.communicate()
                status = f"none: no end after {self.limit} s"
        lines = output.decode(errors="replace").splitlines()
        return Result(self.rows(lines, status), lines, time.monotonic() - start)


def selftest(name, rows=whole, limit=900):
    """A selftest of the network, with its arguments."""
    return Program(name, f"./{name}".split(), rows, limit=limit)


def in_netns(name, rows=whole, limit=900):
    """The same, in a network namespace of its own, as the kernel's own run does it."""
    return Program(name, ["./in_netns.sh", *f"./{name}".split()], rows, limit=limit)


def mptcp(name, limit=900):
    """A selftest of MPTCP, which makes its namespaces itself."""
    return Program(name, f"./{name}".split(), ktap, NET / "mptcp", limit)


def selftests():
    """Those of both protocols and of binding."""
    return [selftest(name) for name in (
        "reuseport_bpf", "reuseport_bpf_cpu", "reuseport_bpf_numa", "reuseport_dualstack",
        "reuseport_addr_any.sh", "reuseaddr_conflict", "ipv6_flowlabel.sh", "socket",
    )] + [in_netns(name, ktap) for name in (
        "bind_wildcard", "bind_timewait", "so_incoming_cpu", "sk_so_peek_off",
        "sk_bind_sendto_listen", "sk_connect_zero_addr", "so_netns_cookie",
    )] + [Program("ip_local_port_range.sh", ["./ip_local_port_range.sh"], ktap)]


# The server checks what the client sends, and goes on until it is killed.
TCP_MMAP = """
stdbuf -oL ./tcp_mmap -s -i "$@" >/tmp/tcp_mmap & trap "kill $!" EXIT
timeout 120 sh -c 'until ./tcp_mmap -H ::1 -i "$@"; do sleep 0.1; done' sh "$@" &&
	timeout 60 sh -c 'until grep "SHA256 is correct" /tmp/tcp_mmap; do sleep 0.1; done'"""


def tcp_mmap(*options):
    """Received by read(), or by mmap()."""
    return Program(" ".join(("tcp_mmap",) + options),
                   ["./in_netns.sh", "sh", "-c", TCP_MMAP, "sh", *options])


# A kernel without new keys for a connection waits for its limit in half of these.
TLS_REKEY = ("rekey", "rekey_fail", "rekey_getsockopt", "rekey_peek", "rekey_peek_splice",
             "rekey_poll_delay", "rekey_poll_pending", "rekey_rx", "rekey_tx", "splice_rekey")


def tls(*options):
    """Sockets of TCP with TLS, without the tests of new keys."""
    skipped = [word for name in TLS_REKEY for word in ("-T", name)]
    return Program(" ".join(("tls",) + options),
                   ["./in_netns.sh", "./tls", *skipped, *options], ktap)


def tcp():
    """Those of TCP alone that are short."""
    return [in_netns("tcp_inq -4"), in_netns("tcp_inq -6"), tcp_mmap(), tcp_mmap("-z"),
            tls("-v", "13_aes_gcm"), mptcp("mptcp_sockopt.sh")]


def tcp_more():
    """And those that are not, and all of tls, where the short form has one cipher."""
    return tcp()[:-2] + [
        tls(),
        selftest("msg_zerocopy.sh 4 tcp -t 1"),
        selftest("msg_zerocopy.sh 6 tcp -t 1"),
        selftest("bind_bhash.sh -4"),
        selftest("tcp_fastopen_backup_key.sh", limit=4000),
    ]


# Little is sent, and neither delay nor losses are random.
MPTCP_CONNECT = "mptcp_connect.sh -d 1 -l 0% -r 0 -e tso -f 65536"


def mptcp_all():
    """Those of MPTCP that bind, and for which an emulated machine is not too slow; of its joins,
    what is about further ports that it listens on."""
    return [mptcp("mptcp_sockopt.sh"), mptcp(MPTCP_CONNECT, 4000), mptcp("mptcp_join.sh -p", 2000)]


def udpgso():
    """Two parts of udpgso.sh."""
    return [Program(f"udpgso {family}", ["./in_netns.sh", "./udpgso.sh", "test_dev_mtu", "--",
                                         "./udpgso", family, "-C"]) for family in ("-4", "-6")]


def selftests_more():
    """Those that take longer, and neighbours of UDP."""
    return selftests() + [
        selftest("udpgso.sh"),
        selftest("reuseaddr_ports_exhausted.sh"),
        selftest("bind_bhash.sh"),
        selftest("stress_reuseport_listen.sh"),
        selftest("cmsg_ipv6.sh"),
        selftest("cmsg_so_mark.sh"),
        selftest("cmsg_time.sh"),
        selftest("ip_defrag.sh"),
        selftest("psock_snd.sh"),
        selftest("udpgso_bench.sh"),
    ]


def python(*names):
    """Tests of CPython: modules, classes or methods."""
    return [Program("python", [sys.executable, str(HERE / "unittests.py"), *names], python_rows,
                    pathlib.Path("/tmp"), 3000)]


# What Go thinks to need the world outside, it leaves out if it shall be short. Most of UDP needs
# nothing.
GO_UDP = "UDP|Packet|Multicast|Wildcard|ListenC|ListenE|ListenM|ListenP|RawConn|DialLocal|Unspec"
GO_TCP = "TCP|Accept|Close|ConnAnd|Dial|FileConn|FileListener|ListenerC|Sendfile|Splice|ZeroByte"


def go(pattern, *options):
    """Tests of Go's package net."""
    return [Program(" ".join(("go",) + options), [
        str(HERE / "go/net.test"), "-test.v", "-test.run", pattern, *options], go_rows,
                    HERE / "go")]


# As nobody, as it refuses to be root; without what is about pipes, files and processes.
LIBUV = r"""
words='tcp|udp|connect|delayed_accept|multiple_listen|shutdown|callback_stack|getsockname|ipc_'
for test in $(./uv-tests --list | awk "/^($words)/ && !/^[a-z_]*pipe/ { print \$1 }"); do
	./uv-tests $test
done"""


def libuv():
    """Tests of libuv: of its own event loop, below Node.js and others."""
    return [Program("libuv", [
        "setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups",
        "env", "UV_TEST_TIMEOUT_MULTIPLIER=10", "sh", "-c", LIBUV], ktap, HERE / "libuv", 3000)]


# It waits for its servers by a function of a file that it forgets to read.
FCNAL = '. ./net_helper.sh && . ./fcnal-test.sh "$@"'


def fcnal(*parts):
    """Parts of fcnal-test.sh."""
    return [Program(f"fcnal {part}", ["bash", "-c", FCNAL, "fcnal-test.sh", "-t", part],
                    fcnal_rows, limit=4000) for part in parts]


SUITES = {
    "selftests": lambda: selftests() + udpgso() + tcp(),
    "selftests_full": selftests_more,
    "tcp_full": tcp_more,
    "mptcp_full": mptcp_all,
    "python": lambda: python("--short"),
    "python_full": lambda: python("--all"),
    "go": lambda: go(GO_UDP) + go(GO_TCP, "-test.short"),
    "go_full": lambda: go(GO_UDP) + go(".", "-test.short"),
    "libuv": libuv,
    "fcnal_full": lambda: fcnal("ipv4_udp", "ipv6_udp", "ipv4_bind", "ipv6_bind"),
    "fcnal_tcp_full": lambda: fcnal("ipv4_tcp", "ipv6_tcp"),
    "wireguard_full": lambda: [
        Program("wireguard", ["./netns.sh"], whole, HERE / "selftests/wireguard", 3000)],
}


def find(name):
    """The programs of a suite."""
    return SUITES[name]()
