# SPDX-License-Identifier: GPL-2.0-only
"""The module, reservations, programs of units, a network behind a WireGuard tunnel, and resolvers
that ask a name server in it."""

import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "lib"))
# pylint: disable=wrong-import-position
from guest import Again, local_ports  # noqa: E402
BIN = HERE / "bin"
MODULE = pathlib.Path("/sys/module/portres")
DECLARED = pathlib.Path("/etc/portres.d/test.conf")
WORK = pathlib.Path("/tmp/work")
ANSWERER = "10.9.0.2"
LIMIT = 120


class Fault(Exception):
    """The surroundings are not what they should be."""


def call(*command):
    """Runs a command; returns its standard output."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          check=False)
    if done.returncode:
        raise Fault(f"{' '.join(map(str, command))}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def wait_for(condition, what):
    """Waits until something holds, or raises."""
    end = time.monotonic() + LIMIT
    while not condition():
        if time.monotonic() > end:
            raise Fault(f"{what}: not after {LIMIT} s")
        time.sleep(0.1)


def unload():
    """Sockets that were closed keep the module for a moment."""
    wait_for(lambda: not MODULE.exists() or
             subprocess.run(["rmmod", "portres"], stderr=subprocess.DEVNULL, check=False)
             .returncode == 0, "the module cannot be unloaded")


def reserved(blocks, words=""):
    """The module is loaded, and (first, last) of blocks are reserved for UDP in this namespace,
    with these words behind each."""
    return declared([f"udp {first}-{last} {words}" for first, last in blocks])


@contextlib.contextmanager
def declared(lines):
    """The module is loaded, and what the lines declare is reserved in this namespace."""
    DECLARED.parent.mkdir(parents=True, exist_ok=True)
    DECLARED.write_text("".join(f"{line}\n" for line in lines))
    try:
        call("modprobe", "portres")
        call("portres", "restore")
        if len(standing()) != len(lines):
            raise Fault(f"{len(standing())} reservations stand, not {len(lines)}")
        yield
    finally:
        unload()
        DECLARED.unlink()


def standing():
    """The reservations."""
    return json.loads(call("portres", "show", "-j"))


def in_unit(unit, *command):
    """The command as systemd runs it for a unit: in a cgroup of that name."""
    cgroup = pathlib.Path("/sys/fs/cgroup/system.slice") / unit
    cgroup.mkdir(parents=True, exist_ok=True)
    return "sh", "-c", f'echo $$ >{cgroup}/cgroup.procs; exec "$@"', "-", *command


@contextlib.contextmanager
def running(*command, environment=None, stop=signal.SIGKILL, name=None):
    """A program, as long as the context lasts; its output is told if that ends badly. name: of its
    log, where that of the program is not enough."""
    WORK.mkdir(exist_ok=True)
    log = WORK / f"{name or pathlib.Path(command[0]).name}.log"
    with open(log, "wb") as out, \
            subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out,
                             stderr=subprocess.STDOUT, cwd=WORK, env=environment) as child:
        child.log = log
        try:
            yield child
            if child.poll() is not None:
                raise Fault(f"{command[0]} has ended by itself")
        except Fault:
            for line in log.read_text(errors="replace").splitlines()[-20:]:
                print(f"# {log.name}: {line}")
            raise
        finally:
            child.send_signal(stop)


@contextlib.contextmanager
def far_network():
    """A namespace "far" that is reached through WireGuard alone; the near end draws its port."""
    keys = {end: call("wg", "genkey").strip() for end in ("near", "far")}
    public = {end: subprocess.run(["wg", "pubkey"], input=key, stdout=subprocess.PIPE, text=True,
                                  check=True).stdout.strip() for end, key in keys.items()}
    WORK.mkdir(exist_ok=True)
    for end, key in keys.items():
        (WORK / end).write_text(key)
    far = ["ip", "netns", "exec", "far"]
    call("ip", "netns", "add", "far")
    try:
        for command in (
                "ip link add near type veth peer name far netns far",
                "ip addr add 10.8.0.1/24 dev near", "ip link set near up",
                "ip -n far addr add 10.8.0.2/24 dev far", "ip -n far link set far up",
                "ip -n far link set lo up", "ip link add wg0 type wireguard",
                "ip addr add 10.9.0.1/24 dev wg0", "ip -n far link add wg0 type wireguard",
                "ip -n far addr add 10.9.0.2/24 dev wg0"):
            call(*command.split())
        call("wg", "set", "wg0", "private-key", f"{WORK}/near", "peer", public["far"],
             "allowed-ips", "10.9.0.2/32", "endpoint", "10.8.0.2:51820")
        call(*far, "wg", "set", "wg0", "private-key", f"{WORK}/far", "listen-port", "51820",
             "peer", public["near"], "allowed-ips", "10.9.0.1/32")
        call("ip", "-n", "far", "link", "set", "wg0", "up")
        call("ip", "link", "set", "wg0", "up")
        yield
    finally:
        call("ip", "link", "del", "wg0")
        call("ip", "netns", "del", "far")
        subprocess.run(["ip", "link", "del", "near"], stderr=subprocess.DEVNULL, check=False)


class Answers:
    """The name server's notes: how many queries came from which port."""

    def __init__(self):
        self.ports = {}

    def queries(self):
        """How many there were."""
        return sum(self.ports.values())

    def inside(self, blocks):
        """How many came from the ports of blocks."""
        return sum(number for port, number in self.ports.items()
                   if any(first <= port <= last for first, last in blocks))


@contextlib.contextmanager
def answerer(delay):
    """The name server in the far network; its notes can be read behind the context."""
    answers = Answers()
    notes = WORK / "ports"
    notes.unlink(missing_ok=True)
    with running("ip", "netns", "exec", "far", str(BIN / "answerer"), ANSWERER, str(delay),
                 str(notes), stop=signal.SIGTERM):
        yield answers
    for line in notes.read_text().splitlines():
        port, number = map(int, line.split())
        answers.ports[port] = number


class Sockets(Again):
    """Looks again and again which local ports UDP sockets have."""

    def __init__(self):
        super().__init__(0.1)
        self.ports = set()
        self.looks = 0

    def once(self):
        self.ports |= local_ports()
        self.looks += 1

    def inside(self, blocks):
        """The ports of blocks that were seen."""
        return sorted(p for p in self.ports if any(first <= p <= last for first, last in blocks))


UNBOUND = f"""
server:
    interface: 127.0.0.2
    chroot: ""
    username: ""
    pidfile: ""
    directory: "/tmp/work"
    use-syslog: no
    do-daemonize: no
    module-config: "iterator"
    outgoing-interface: 0.0.0.0
    do-ip6: no
remote-control:
    control-enable: no
forward-zone:
    name: "."
    forward-addr: {ANSWERER}
"""

NAMED = f"""
options {{
    directory "/tmp/work";
    listen-on {{ 127.0.0.1; }};
    listen-on-v6 {{ none; }};
    pid-file none;
    session-keyfile none;
    forward only;
    forwarders {{ {ANSWERER}; }};
    dnssec-validation no;
    empty-zones-enable no;
}};
controls {{ }};
"""


def resolvers():
    """Name, address and command of each."""
    WORK.mkdir(exist_ok=True)
    (WORK / "unbound.conf").write_text(UNBOUND)
    (WORK / "named.conf").write_text(NAMED)
    return [
        ("Unbound", "127.0.0.2", ["unbound", "-d", "-p", "-c", f"{WORK}/unbound.conf"]),
        ("BIND", "127.0.0.1", ["named", "-g", "-4", "-n", "1", "-c", f"{WORK}/named.conf"]),
        ("dnsmasq", "127.0.0.3",
         ["dnsmasq", "--keep-in-foreground", "--user=root", "--conf-file=/dev/null", "--no-hosts",
          "--no-resolv", "--listen-address=127.0.0.3", "--bind-interfaces", "--cache-size=0",
          "--dns-forward-max=1000", "--pid-file", "--log-facility=-", f"--server={ANSWERER}"]),
    ]


def ask(address, names, width, seed):
    """Asks a resolver; returns how many names were answered and
    were not, how often it failed and was silent."""
    return [int(word) for word in call(str(BIN / "asker"), address, str(names), str(width),
                                       seed).split()]


def answers_at_all(address):
    """Does the resolver answer yet?"""
    done = subprocess.run([str(BIN / "asker"), address, "1", "1", f"first{os.getpid()}"],
                          stdout=subprocess.PIPE, text=True, check=False)
    return done.stdout.startswith("1 ")
