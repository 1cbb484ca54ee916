#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Holds a block of ports for runtime_command.sh: acquires it by the library, tells how that
went, and releases it when a signal says so.

usage: runtime_command.py FIRST COUNT COMMAND ANSWER
"""

import ctypes
import os
import pathlib
import signal
import socket
import sys


class Association(ctypes.Structure):
    """struct portres_association"""

    _fields_ = [
        ("token", ctypes.c_uint64),
        ("first", ctypes.c_uint16),
        ("count", ctypes.c_uint16),
        ("protocol", ctypes.c_uint8),
        ("flags", ctypes.c_uint8),
        ("reserved", ctypes.c_uint16),
    ]


def tell(path, text):
    """Leaves an answer, whole or not at all."""
    aside = pathlib.Path(path + ".new")
    aside.write_text(text + "\n", encoding="utf-8")
    aside.rename(path)


def main():
    """Acquires, tells, waits, releases."""
    library = ctypes.CDLL("libportres.so.0")
    first, count = int(sys.argv[1]), int(sys.argv[2])
    pathlib.Path("/proc/self/comm").write_bytes(os.fsencode(sys.argv[3]))
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])

    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    block = Association()
    error = library.portres_acquire(sock.fileno(), first, count, ctypes.byref(block))
    # What belongs to this process by its token is no persistent reservation for all that.
    token = ctypes.c_uint64(0)
    code = library.LookupPersistentUdpPortReservation(
        socket.htons(block.first), block.count, ctypes.byref(token))
    tell(sys.argv[4], f"{error} {block.first} {block.count} {block.token != 0} {code}")

    signal.sigwait([signal.SIGUSR1])
    error = library.portres_release(sock.fileno(), ctypes.c_uint64(block.token))
    tell(sys.argv[4], f"released {error}")
    signal.pause()


main()
