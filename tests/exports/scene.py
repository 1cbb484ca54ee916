#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A container sends from port 5004 through NAT, and the other end sends to port 5004 of this
machine, where a socket of its owner is bound: prints the port of the flow, and which socket got the
packet.

usage: scene.py 4|6 PORT [owner|tcp]

PORT: of the other end; owner: only what the owner sends itself; tcp: a connection, and no owner
"""

import contextlib
import ctypes
import os
import select
import socket
import sys

CLONE_NEWNET = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)
OURS = 5004
ADDRESSES = {"4": ("10.0.1.2", "10.0.2.1", "10.0.2.2"), "6": ("fd01::2", "fd02::1", "fd02::2")}
TRIES = 3
PATIENCE = 2


@contextlib.contextmanager
def network(name):
    """What is opened inside is of that network namespace."""
    here = os.open("/proc/self/ns/net", os.O_RDONLY)
    there = os.open(f"/run/netns/{name}", os.O_RDONLY)
    LIBC.setns(there, CLONE_NEWNET)
    try:
        yield
    finally:
        LIBC.setns(here, CLONE_NEWNET)
        os.close(here)
        os.close(there)


def udp(address, port):
    """A bound socket."""
    made = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
    made.bind((address, port))
    return made


def sender(receiver):
    """The port that the next packet comes from; None if there is none."""
    if not select.select([receiver], [], [], PATIENCE)[0]:
        return None
    return receiver.recvfrom(100)[1][1]


def port_of_flow(box, outside, to):
    """Sends until something arrives."""
    for packet in range(1, TRIES + 1):
        with contextlib.suppress(PermissionError):
            box.sendto(b"from the container", to)
        if port := sender(outside):
            return f"the flow gets port {port} with packet {packet}"
    return "the flow gets no port"


def port_of_connection(container, to):
    """Connects; a packet that is dropped is sent again by TCP."""
    family = socket.AF_INET6 if ":" in container else socket.AF_INET
    with network("outside"):
        listener = socket.create_server(to, family=family)
    with network("box"):
        box = socket.socket(family)
    box.bind((container, OURS))
    box.settimeout(TRIES * PATIENCE)
    with contextlib.suppress(TimeoutError):
        box.connect(to)
        return f"the connection gets port {listener.accept()[1][1]}"
    return "the connection gets no port"


def main():
    """Speaks."""
    family, port = sys.argv[1], int(sys.argv[2])
    container, this, other = ADDRESSES[family]
    if "tcp" in sys.argv:
        print(port_of_connection(container, (other, port)))
        return
    with network("box"):
        box = udp(container, OURS)
    with network("outside"):
        outside = udp(other, port)
    owner = udp(this, OURS)
    if "owner" in sys.argv:
        owner.sendto(b"from the owner", (other, port))
        print(f"the owner sends from port {sender(outside)}")
        return
    print(port_of_flow(box, outside, (other, port)))
    outside.sendto(b"for the owner", (this, OURS))
    ready = select.select([owner, box], [], [], PATIENCE)[0]
    who = "the owner" if owner in ready else "the container" if box in ready else "nobody"
    print(f"a packet for the owner goes to {who}")


if __name__ == "__main__":
    main()
