#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Unmodified servers whose own ports are reserved. Speaks TAP.

Each is started three times: without a grant, where it must not get its port; with a grant for its
unit, in the cgroup that systemd would give it; with one for the user that binds. Meanwhile
strangers try to get the same ports.
"""

import contextlib
import os
import pathlib
import pwd
import signal
import socket
import subprocess
import sys
import time

import catalogue

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
# pylint: disable=wrong-import-position
from guest import Again, Rows, local_ports  # noqa: E402

CGROUPS = pathlib.Path("/sys/fs/cgroup")
WORK = catalogue.WORK
# A server that gives up does so at once, or tries again for longer than this.
PATIENCE = 60
REFUSED_AFTER = 6


def call(*command):
    """Runs a command, or raises."""
    subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


class Strangers(Again):
    """A thread of root, which tries to bind the ports again and again."""

    def __init__(self, ports):
        super().__init__(0.05)
        self.ports = range(ports[0], ports[1] + 1)
        self.tries = self.got = 0

    def once(self):
        for port in self.ports:
            for address in ("127.0.0.1", "127.0.0.9", "0.0.0.0"):
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    self.tries += 1
                    with contextlib.suppress(OSError):
                        sock.bind((address, port))
                        self.got += 1


def enter(cgroup, user):
    """In the child: enters the cgroup, and becomes the user, of the server."""
    def change():
        os.setsid()
        if cgroup:
            (CGROUPS / cgroup / "cgroup.procs").write_text("0")
        if user != "root":
            entry = pwd.getpwnam(user)
            os.setgroups([])
            os.setgid(entry.pw_gid)
            os.setuid(entry.pw_uid)
    return change


@contextlib.contextmanager
def running(server, cgroup):
    """The server; ends with all that it has started."""
    log = WORK / f"{server.name}.log"
    user = server.user
    with open(log, "wb") as out:
        with subprocess.Popen(server.command, stdin=subprocess.DEVNULL, stdout=out,
                              stderr=subprocess.STDOUT, cwd=WORK,
                              preexec_fn=enter(cgroup, user)) as child:
            try:
                yield child, log
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(child.pid, signal.SIGKILL)
                child.kill()
    end = time.monotonic() + PATIENCE
    while local_ports() & set(server.bound) and time.monotonic() < end:
        time.sleep(0.1)


def gets_ports(server, child, patience):
    """Whether it has its ports in time."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if set(server.bound) <= local_ports():
            return True
        if child.poll() is not None:
            time.sleep(0.2)
            return set(server.bound) <= local_ports()
        time.sleep(0.1)
    return False


def tail(log):
    """What it said last."""
    return [line[:200] for line in log.read_text(errors="replace").splitlines()[-4:]]


def without_grant(rows, server):
    """It is locked out of its own ports."""
    with running(server, None) as (child, log):
        got = gets_ports(server, child, REFUSED_AFTER)
        rows.row(not got, f"{server.name}: does not get its port that is reserved for nobody",
                 *tail(log))


def with_grant(rows, server, grant, cgroup):
    """It works as if nothing were reserved, and nobody else gets in."""
    with Strangers(server.ports) as strangers, running(server, cgroup) as (child, log):
        got = gets_ports(server, child, PATIENCE)
        asked = got and (not server.asks or server.asks())
        alive = child.poll() is None or server.bound[0] in local_ports()
        rows.row(got and asked and alive, f"{server.name}: gets its port, for {grant}",
                 *(() if got and asked else tail(log)))
        time.sleep(0.5)
    rows.row(strangers.tries > 0 and not strangers.got,
             f"{server.name}: strangers do not, {grant}",
             f"{strangers.got} of {strangers.tries} binds of strangers")


def try_server(rows, server):
    """All three."""
    block = f"{server.ports[0]}-{server.ports[1]}"
    server.prepare()
    # root's grant would let in the strangers of this test, which are root
    user_grant = server.binds != "root"
    with running(server, None) as (child, log):
        works = gets_ports(server, child, PATIENCE)
    rows.row(works, f"{server.name}: works where nothing is reserved", *(() if works else tail(log)))
    call("portres", "add", "udp", block, "name", server.name)
    without_grant(rows, server)
    call("portres", "set", "udp", block, "for", "unit", server.unit)
    cgroup = f"system.slice/{server.unit}"
    (CGROUPS / cgroup).mkdir(parents=True, exist_ok=True)
    with_grant(rows, server, f"unit {server.unit}", cgroup)
    if user_grant:
        call("portres", "set", "udp", block, "for", "user", server.binds)
        with_grant(rows, server, f"user {server.binds}", None)
    else:
        call("portres", "set", "udp", block, "for", "user", "root")
        with running(server, None) as (child, log):
            got = gets_ports(server, child, PATIENCE)
            rows.row(got, f"{server.name}: gets its port, for user root", *(() if got else tail(log)))
    call("portres", "del", "udp", block)


def main():
    """Runs all, or those that are named."""
    rows = Rows()
    WORK.mkdir(exist_ok=True)
    WORK.chmod(0o777)
    call("ip", "link", "set", "lo", "up")
    call("modprobe", "dummy", "numdummies=0")
    call("ip", "link", "add", "dummy0", "type", "dummy")
    call("ip", "addr", "add", "10.8.0.1/24", "dev", "dummy0")
    call("ip", "link", "set", "dummy0", "up")
    call("modprobe", "portres")
    for server in catalogue.servers():
        if len(sys.argv) < 2 or server.name in sys.argv[1:]:
            try:
                try_server(rows, server)
            except (OSError, subprocess.CalledProcessError) as error:
                rows.row(False, f"{server.name}: {error}",
                         *str(getattr(error, "output", b"") or "").splitlines())
                subprocess.run(["portres", "del", "udp", "-".join(map(str, server.ports))],
                               check=False, stderr=subprocess.DEVNULL)
    call("ip", "link", "del", "dummy0")
    for _ in range(300):
        if not subprocess.run(["rmmod", "portres"], check=False,
                              stderr=subprocess.DEVNULL).returncode:
            break
        time.sleep(0.1)
    return rows.end()


if __name__ == "__main__":
    sys.exit(main())
