# SPDX-License-Identifier: GPL-2.0-only
"""What tests in Python need in a guest."""

import threading


class Rows:
    """TAP."""

    def __init__(self):
        self.count = self.failed = 0

    def row(self, good, text, *explanations):
        """One row."""
        self.count += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.count} - {text}", flush=True)
        for line in explanations:
            print(f"# {line}", flush=True)

    def end(self):
        """The plan; returns the exit status."""
        print(f"1..{self.count}", flush=True)
        return 1 if self.failed else 0


class Again:
    """Does something in a thread of its own, again and again, as long as the block lasts."""

    def __init__(self, pause):
        self._pause = pause
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._repeat)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()

    def _repeat(self):
        while not self._over.wait(self._pause):
            self.once()

    def once(self):
        """What is done after each pause, of so many seconds."""
        raise NotImplementedError


def local_ports():
    """The local ports of all UDP sockets."""
    ports = set()
    for path in ("/proc/net/udp", "/proc/net/udp6"):
        with open(path, encoding="ascii") as table:
            ports |= {int(line.split()[1].rpartition(":")[2], 16) for line in list(table)[1:]}
    return ports


def tcp_sockets():
    """Local port and state of all TCP sockets that are connected, wait or listen."""
    sockets = []
    for path in ("/proc/net/tcp", "/proc/net/tcp6"):
        with open(path, encoding="ascii") as table:
            for line in list(table)[1:]:
                words = line.split()
                sockets.append((int(words[1].rpartition(":")[2], 16), int(words[3], 16)))
    return sockets
