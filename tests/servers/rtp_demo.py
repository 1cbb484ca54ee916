#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A media server whose ports others take: first without portres, then with its range reserved for
nobody, then for the server's unit. Says what happens, and fails if it is not so.
"""

import pathlib
import socket
import subprocess
import sys
import time

import rtp

FIRST, LAST = 30000, 30199
EPHEMERAL = "30000 30299"
CALLS = 40
STRANGERS = 100
UNIT = "rtpengine-daemon.service"
CGROUP = pathlib.Path("/sys/fs/cgroup/system.slice") / UNIT


def run(*command):
    """Shows a command and runs it."""
    print("  $ " + " ".join(command), flush=True)
    subprocess.run(command, check=True)


def strangers():
    """Sockets of other programs, each with a port that the kernel selects."""
    sockets = []
    for _ in range(STRANGERS):
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind(("127.0.0.1", 0))
        sockets.append(sock)
    inside = sum(FIRST <= sock.getsockname()[1] <= LAST for sock in sockets)
    return sockets, inside


def enter_unit():
    """In the child: where systemd would start the server."""
    (CGROUP / "cgroup.procs").write_text("0")


def start_server():
    """rtpengine, once it answers."""
    CGROUP.mkdir(parents=True, exist_ok=True)
    server = subprocess.Popen(
        ["rtpengine", "-f", "-E", "--table=-1", "--interface=127.0.0.1", "--listen-ng=%s:%d" % rtp.CONTROL,
         "-m", str(FIRST), "-M", str(LAST), "--pidfile=/tmp/rtp.pid", "--num-threads=2"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        preexec_fn=enter_unit)
    for _ in range(600):
        if rtp.answers():
            return server
        time.sleep(0.1)
    sys.exit("The demonstration failed: rtpengine does not answer.")


def offer_calls():
    """How many calls get a port for their sound."""
    return sum(rtp.offers(f"c{number}", FIRST, LAST) for number in range(CALLS))


def scene(title):
    """Strangers first, then calls; returns how many of each."""
    print(f"\n{title}", flush=True)
    others, inside = strangers()
    server = start_server()
    calls = offer_calls()
    server.kill()
    server.wait()
    for sock in others:
        sock.close()
    print(f"    {inside} of {STRANGERS} sockets of other programs have a port of the range", flush=True)
    print(f"    {calls} of {CALLS} calls got a port", flush=True)
    return inside, calls


def main():
    """Three scenes."""
    print(f"rtpengine, as Debian has it, takes calls on UDP ports {FIRST} to {LAST}. Other programs want "
          f"any port,\nand the kernel selects from {EPHEMERAL.replace(' ', ' to ')}.")
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").write_text(EPHEMERAL)
    inside, _ = scene("Without portres:")
    good = inside > 0
    run("modprobe", "portres")
    run("portres", "add", "udp", f"{FIRST}-{LAST}", "name", "RTP")
    good &= scene("The range is reserved, for nobody:") == (0, 0)
    run("portres", "set", "udp", f"{FIRST}-{LAST}", "for", "unit", UNIT)
    good &= scene(f"The range is reserved for {UNIT}:") == (0, CALLS)
    run("portres", "del", "udp", f"{FIRST}-{LAST}")
    run("rmmod", "portres")
    print("\nThe server was not changed: it runs in the cgroup of its unit." if good
          else "\nThe demonstration failed: the numbers should have been different.", flush=True)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
