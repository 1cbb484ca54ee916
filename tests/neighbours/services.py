# SPDX-License-Identifier: GPL-2.0-only
"""Servers that many connections go through, each in the cgroup of its unit, as Debian has them:

    FRONT, an nginx -> BALANCER, a HAProxy -> PAGES and MORE_PAGES, two other nginx
                       STORE_DOOR, the same HAProxy -> STORE, a Redis
    TUNNEL, an OpenSSH client -> SHELL, its server -> FRONT
    DATABASE, a PostgreSQL, which serves each connection by a process of its own
    MULTIPATH, a Go program that listens with MPTCP

Each arrow is a connection of its own for each request: from the kernel's choice of a port at
connect(), behind a bind to an address without a port (proxy_bind and source), or as ssh makes it.
"""

import contextlib
import os
import pathlib
import shutil
import signal

import surroundings as here
from guest import tcp_sockets

FRONT, PAGES, MORE_PAGES = 32001, 32010, 32020
BALANCER, STORE_DOOR = 32301, 32302
STORE = 32601
DATABASE = 33001
MULTIPATH = 33101
SHELL = 32901
TUNNEL = 2200
# What the units have for their listeners, a part of the ephemeral range.
UNITS = {
    "nginx.service": (32000, 32099),
    "haproxy.service": (32300, 32399),
    "redis-server.service": (32600, 32699),
    "ssh.service": (32900, 32999),
    "postgresql.service": (33000, 33099),
    "multipath.service": (33100, 33199),
}
LISTENERS = {FRONT, PAGES, MORE_PAGES, BALANCER, STORE_DOOR, STORE, SHELL, DATABASE, MULTIPATH}
TIME_WAIT, LISTEN = 6, 10
IN_USE = "address already in use"

NGINX = """
daemon off;
user root;
pid @/{name}.pid;
worker_processes 1;
worker_rlimit_nofile 4096;
events {{ worker_connections 2000; }}
http {{
    access_log off;
    client_body_temp_path @/{name}.body;
    proxy_temp_path @/{name}.proxy;
    fastcgi_temp_path @/{name}.fastcgi;
    uwsgi_temp_path @/{name}.uwsgi;
    scgi_temp_path @/{name}.scgi;
    keepalive_timeout 0;
    server {{
        listen {port};
        {serves}
    }}
}}
"""
SERVES_FRONT = f"""
        location / {{ proxy_pass http://127.0.0.1:{BALANCER}; proxy_bind 127.0.0.5; }}
"""
# A page that takes a second, so that many connections are open at a time.
SERVES_PAGES = """
        location / { return 200 "a page\\n"; }
        location /slow { alias @/slow; limit_rate 600; }
"""

# A server that is started again is down for a moment: what it refuses is asked of the other one.
HAPROXY = f"""
global
    maxconn 1500
    nbthread 1
defaults
    timeout connect 30s
    timeout client 60s
    timeout server 60s
    retries 10
frontend web
    mode http
    bind :{BALANCER}
    default_backend pages
backend pages
    mode http
    option httpclose
    option redispatch 1
    retry-on conn-failure empty-response
    server one 127.0.0.1:{PAGES}
    server two 127.0.0.1:{MORE_PAGES} source 127.0.0.6
listen store
    mode tcp
    bind :{STORE_DOOR}
    server store 127.0.0.1:{STORE}
"""


class Service:
    """A server that can be started again. waits: it closes connections first, so that they wait
    at its port."""

    # pylint: disable=too-many-arguments
    def __init__(self, name, unit, ports, command, stop=signal.SIGTERM, waits=False):
        self.name = name
        self.unit = unit
        self.ports = ports
        self.command = command
        self.stop_signal = stop
        self.waits = waits
        self.works = False
        self._stack = contextlib.ExitStack()

    def start(self):
        """Returns whether it had its ports, all of them and at once."""
        if set(self.ports) & listened():
            raise here.Fault(f"{self.name}: another program listens on one of {self.ports}")
        child = self._stack.enter_context(here.running(
            *here.in_unit(self.unit, *self.command), stop=self.stop_signal, name=self.name))
        here.wait_for(lambda: child.poll() is not None or set(self.ports) <= listened(),
                      f"{self.name} listens")
        self.works = child.poll() is None
        return self.works and IN_USE not in child.log.read_text(errors="replace").lower()

    def stop(self):
        """Waits for its end; one that could not start has ended before."""
        works, self.works = self.works, False
        try:
            self._stack.close()
        except here.Fault:
            if works:
                raise

    def waiting(self):
        """How many connections wait (TIME_WAIT) at its ports."""
        return sum(port in self.ports and state == TIME_WAIT for port, state in tcp_sockets())


def listened():
    """The ports of all listeners."""
    return {port for port, state in tcp_sockets() if state == LISTEN}


def write(name, text):
    """A file of a server."""
    path = here.WORK / name
    path.write_text(text.replace("@", str(here.WORK)))
    return str(path)


def nginx(name, port, serves, stop):
    """One of them."""
    conf = write(f"{name}.conf", NGINX.format(name=name, port=port, serves=serves))
    return Service(name, "nginx.service", [port],
                   ["nginx", "-e", "stderr", "-p", str(here.WORK), "-c", conf], stop, waits=True)


def keys():
    """Of host and user, and what sshd wants besides, which the package's script would make."""
    pathlib.Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    users = pathlib.Path("/etc/passwd")
    if "sshd:" not in users.read_text():
        with open(users, "a", encoding="ascii") as file:
            file.write("sshd:x:105:65534::/run/sshd:/usr/sbin/nologin\n")
    for name in ("host", "user"):
        if not (here.WORK / name).exists():
            here.call("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(here.WORK / name))


def as_owner(*command):
    """The command as a user without privilege: PostgreSQL does not run as root."""
    return "setpriv", "--reuid", "owner", "--regid", "owner", "--clear-groups", *command


def postgresql():
    """Its programs are in the directory of its version, and not in PATH."""
    programs = next(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))
    data = here.WORK / "database"
    if not data.exists():
        data.mkdir(mode=0o700)
        shutil.chown(data, "owner", "owner")
        here.call(*as_owner(programs / "initdb", "--no-sync", "--no-locale", "--encoding=UTF8",
                            "--auth=trust", "--username=owner", "--pgdata", data))
    settings = [f"port={DATABASE}", "listen_addresses=0.0.0.0", "unix_socket_directories=",
                "fsync=off", "jit=off"]
    return Service("postgresql", "postgresql.service", [DATABASE],
                   as_owner(str(programs / "postgres"), "-D", str(data),
                            *(word for setting in settings for word in ("-c", setting))),
                   signal.SIGINT)


def services():
    """All, in the order in which they are started. The second nginx with pages finishes what it
    has begun when it is stopped."""
    here.WORK.mkdir(exist_ok=True)
    write("slow", "a slow page\n" * 100)
    keys()
    return [
        nginx("pages", PAGES, SERVES_PAGES, signal.SIGTERM),
        nginx("more_pages", MORE_PAGES, SERVES_PAGES, signal.SIGQUIT),
        Service("redis", "redis-server.service", [STORE],
                ["redis-server", "--port", str(STORE), "--bind", "0.0.0.0", "--protected-mode",
                 "no", "--save", "", "--dir", str(here.WORK)]),
        postgresql(),
        Service("multipath", "multipath.service", [MULTIPATH],
                [str(here.BIN / "mptcp"), "listen", str(MULTIPATH)], waits=True),
        Service("haproxy", "haproxy.service", [BALANCER, STORE_DOOR],
                ["haproxy", "-db", "-f", write("haproxy.cfg", HAPROXY)], waits=True),
        nginx("front", FRONT, SERVES_FRONT, signal.SIGTERM),
        Service("sshd", "ssh.service", [SHELL],
                ["/usr/sbin/sshd", "-D", "-e", "-f", "/dev/null", "-o", f"Port={SHELL}", "-o",
                 "ListenAddress=0.0.0.0", "-o", f"HostKey={here.WORK}/host", "-o",
                 f"AuthorizedKeysFile={here.WORK}/user.pub", "-o", "UsePAM=no", "-o",
                 "StrictModes=no", "-o", "PidFile=none"]),
    ]


@contextlib.contextmanager
def tunnel():
    """From a port outside of the ephemeral range to the front, through sshd."""
    with here.running("ssh", "-N", "-F", "/dev/null", "-i", f"{here.WORK}/user", "-p", str(SHELL),
                      "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
                      "-o", "ExitOnForwardFailure=yes", "-L",
                      f"127.0.0.1:{TUNNEL}:127.0.0.1:{FRONT}", "root@127.0.0.1",
                      environment=dict(os.environ) | {"HOME": str(here.WORK)}):
        here.wait_for(lambda: TUNNEL in listened(), "the tunnel")
        yield
