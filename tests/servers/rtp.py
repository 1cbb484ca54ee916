# SPDX-License-Identifier: GPL-2.0-only
"""What a SIP proxy asks of rtpengine."""

import itertools
import re
import socket

CONTROL = ("127.0.0.1", 2223)
# The server answers a repeated request as it did before, and knows it by the number.
NUMBERS = itertools.count()
SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n"


def ask(body, patience):
    """One request; the answer, or nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        # not of the ephemeral range, which may be crowded
        sock.bind(("127.0.0.1", 2300))
        sock.settimeout(patience)
        try:
            sock.sendto(f"{next(NUMBERS)} {body}".encode(), CONTROL)
            return sock.recv(65536).decode(errors="replace")
        except OSError:
            return ""


def answers():
    """Whether the server is there."""
    return "pong" in ask("d7:command4:pinge", 0.5)


def offers(name, first, last):
    """Whether a call gets a port from first to last for its sound."""
    answer = ask(f"d7:call-id{len(name)}:{name}7:command5:offer8:from-tag1:f3:sdp{len(SDP)}:{SDP}e", 20)
    found = re.search(r"m=audio (\d+) ", answer)
    return bool(found) and first <= int(found.group(1)) <= last
