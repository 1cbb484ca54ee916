#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Makes a situation for why.sh, then waits to be killed: has a socket bound, listening, connected,
closed with data that nobody reads, or in TIME_WAIT; a BPF program at a cgroup; or is an rpcbind.

usage: why.py TOLD udp|bound|listen|served|connected|closing|waiting ADDRESS PORT [cgroup=PATH] [user=UID]
               [device=NAME] [v6only=1]
       why.py TOLD program CGROUP
       why.py TOLD rpcbind
TOLD is a file that is made when the situation is there.
"""

import ctypes
import os
import socket
import socketserver
import struct
import sys
import threading
import time

SYS_BPF = {"x86_64": 321, "aarch64": 280, "s390x": 351, "i686": 357}
PROG_LOAD, PROG_ATTACH = 5, 8
CGROUP_SOCK_ADDR, INET4_BIND = 18, 8
CGROUPS = "/sys/fs/cgroup"
SERVER = 6999
RPCBIND = "/var/run/rpcbind.sock"
LAST_FRAGMENT = 0x80000000


def bpf(command, attr):
    """The system call."""
    buffer = ctypes.create_string_buffer(attr.ljust(128, b"\0"))
    libc = ctypes.CDLL(None, use_errno=True)
    done = libc.syscall(SYS_BPF[os.uname().machine], command, buffer, 128)
    if done < 0:
        raise OSError(ctypes.get_errno(), "bpf")
    return done


def attach(cgroup):
    """A program at bind4 that lets everything pass: r0 = 1; exit."""
    code = ctypes.create_string_buffer(struct.pack("=BBhiBBhi", 0xb7, 0, 0, 1, 0x95, 0, 0, 0))
    licence = ctypes.create_string_buffer(b"GPL")
    name = b"let_pass".ljust(16, b"\0")
    # insn_cnt, insns, license, log_level, log_size, log_buf, kern_version, prog_flags, name,
    # ifindex, expected_attach_type
    program = bpf(PROG_LOAD, struct.pack("=IIQQIIQII16sII", CGROUP_SOCK_ADDR, 2, ctypes.addressof(code),
                                         ctypes.addressof(licence), 0, 0, 0, 0, 0, name, 0,
                                         INET4_BIND))
    os.makedirs(CGROUPS + cgroup, exist_ok=True)
    place = os.open(CGROUPS + cgroup, os.O_RDONLY)
    bpf(PROG_ATTACH, struct.pack("=IIII", place, program, INET4_BIND, 0))


class Rpcbind(socketserver.StreamRequestHandler):
    """Does any call of Sun RPC, with the result "true"."""

    def handle(self):
        while size := self.rfile.read(4):
            call = self.rfile.read(struct.unpack(">I", size)[0] & ~LAST_FRAGMENT)
            self.wfile.write(struct.pack(">I4s6I", LAST_FRAGMENT | 28, call[:4], 1, 0, 0, 0, 0, 1))


def serve_rpcbind():
    """A server of it, in a thread."""
    os.makedirs(os.path.dirname(RPCBIND), exist_ok=True)
    if os.path.exists(RPCBIND):
        os.unlink(RPCBIND)
    server = socketserver.ThreadingUnixStreamServer(RPCBIND, Rpcbind)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def enter(options):
    """Goes where the options say."""
    if path := options.get("cgroup"):
        os.makedirs(CGROUPS + path, exist_ok=True)
        with open(f"{CGROUPS}{path}/cgroup.procs", "w", encoding="ascii") as procs:
            procs.write(str(os.getpid()))
    if user := options.get("user"):
        os.setgroups([])
        os.setuid(int(user))


def connect(made):
    """A connection with a server of ours; both ends."""
    server = socket.socket(made.family, socket.SOCK_STREAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind((made.getsockname()[0], SERVER))
    server.listen()
    made.connect(server.getsockname())
    return server.accept()[0], server


def fill(made):
    """Sends what the other end does not read, until nothing more fits in."""
    made.setblocking(False)
    try:
        while made.send(bytes(65536)):
            pass
    except BlockingIOError:
        pass


def sockets(what, address, port, options):
    """Those that make the situation."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    made = socket.socket(family, socket.SOCK_DGRAM if what == "udp" else socket.SOCK_STREAM)
    if device := options.get("device"):
        made.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device.encode())
    if options.get("v6only"):
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    enter(options)
    made.bind((address, port))
    ends = [made]
    if what == "listen":
        made.listen()
    elif what == "served":
        made.listen()
        for _ in range(2):
            client = socket.create_connection((address, port))
            ends += [client, made.accept()[0]]
    elif what in ("connected", "closing", "waiting"):
        ends += connect(made)
    if what == "closing":
        fill(made)
        made.close()
    if what == "waiting":
        made.close()
        ends[1].close()
    return ends


def main():
    """Makes it."""
    told, what = sys.argv[1:3]
    options = dict(word.split("=") for word in sys.argv[5:])
    if what == "program":
        kept = attach(sys.argv[3])
    elif what == "rpcbind":
        kept = serve_rpcbind()
    else:
        kept = sockets(what, sys.argv[3], int(sys.argv[4]), options)
    with open(told, "w", encoding="ascii"):
        pass
    time.sleep(600)
    return kept


if __name__ == "__main__":
    main()
