#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""How servers of telephony choose ports for RTP and RTCP, for rtp_ports.sh.

usage: rtp_ports asterisk|freeswitch FIRST LAST CALLS    the number of calls that have their ports
       rtp_ports strangers FIRST LAST SOCKETS            those on port 0 that are in the range; they
                                                         stay until standard input ends
"""

import random
import socket
import sys

# What the allocator of FreeSWITCH has given to calls.
GIVEN = set()


def bound(port):
    """A socket on the port, or None."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.bind(("0.0.0.0", port))
    except OSError:
        sock.close()
        return None
    return sock


def pair(port):
    """Sockets for RTP and for RTCP, or None."""
    rtp = bound(port)
    rtcp = rtp and bound(port + 1)
    if rtp and not rtcp:
        rtp.close()
    return (rtp, rtcp) if rtcp else None


def asterisk(first, last):
    """From a random even port on, each in turn, once around the range."""
    even = range(first + first % 2, last, 2)
    start = random.randrange(len(even))
    for i in range(len(even)):
        if found := pair(even[(start + i) % len(even)]):
            return found
    return None


def freeswitch(first, last):
    """A random even port that it has not given to a call itself; one that is taken is its error."""
    free = [port for port in range(first + first % 2, last, 2) if port not in GIVEN]
    if not free:
        return None
    port = random.choice(free)
    GIVEN.add(port)
    return pair(port)


def main():
    """Does one of them."""
    who, first, last, times = sys.argv[1], *map(int, sys.argv[2:])
    if who == "strangers":
        socks = [bound(0) for _ in range(times)]
        print(sum(first <= sock.getsockname()[1] <= last for sock in socks), flush=True)
        sys.stdin.read()
    else:
        choose = {"asterisk": asterisk, "freeswitch": freeswitch}[who]
        calls = [choose(first, last) for _ in range(times)]
        print(sum(call is not None for call in calls))


if __name__ == "__main__":
    main()
