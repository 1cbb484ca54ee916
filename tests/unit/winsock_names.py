#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""libportres-winsock in a program that loads it and looks functions up by name: they are those of
Windows, and nothing else in the process gets another socket()."""

import ctypes
import os
import socket
import struct
import sys

rows = failed = 0


def check(good, text):
    """Prints a row of TAP."""
    global rows, failed
    rows += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {rows} - {text}")


def same(got, wanted, text):
    """A row that passes if the two are the same."""
    check(got == wanted, text)
    if got != wanted:
        print(f"# got {got}, wanted {wanted}")


lib = ctypes.CDLL(sys.argv[1])
lib.socket.restype = ctypes.c_size_t
lib.accept.restype = ctypes.c_size_t
lib.WSACreateEvent.restype = ctypes.c_void_p
INVALID_SOCKET = ctypes.c_size_t(-1).value


class Address(ctypes.Structure):
    """struct sockaddr_in"""
    _fields_ = [("family", ctypes.c_ushort), ("port", ctypes.c_ubyte * 2),
                ("address", ctypes.c_ubyte * 4), ("zero", ctypes.c_ubyte * 8)]


def call(function, *arguments):
    """The code of a function that returns SOCKET_ERROR, or 0."""
    lib.WSASetLastError(0)
    result = function(*arguments)
    return lib.WSAGetLastError() if result == -1 else 0


def size(s):
    """A SOCKET, which is as wide as a pointer."""
    return ctypes.c_size_t(s)


# Before WSAStartup(); python's own sockets do not know of it.
same(lib.socket(2, 2, 0), INVALID_SOCKET, "socket before WSAStartup")
same(lib.WSAGetLastError(), 10093, "WSANOTINITIALISED")
python = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
python.bind(("127.0.0.1", 0))
check(python.getsockname()[1] > 0, "the C library's socket is still its own")
data = ctypes.create_string_buffer(512)
same(lib.WSAStartup(0x202, data), 0, "WSAStartup")
same(struct.unpack_from("<H", data)[0], 0x202, "version 2.2")

# A datagram to itself.
s = lib.socket(2, 2, 17)
check(s != INVALID_SOCKET, "socket")
address = Address(family=2, address=(127, 0, 0, 1))
length = ctypes.c_int(ctypes.sizeof(address))
same(call(lib.getsockname, size(s), ctypes.byref(address), ctypes.byref(length)), 10022,
     "getsockname unbound")
address = Address(family=2, address=(127, 0, 0, 1))
same(call(lib.bind, size(s), ctypes.byref(address), length), 0, "bind")
same(call(lib.getsockname, size(s), ctypes.byref(address), ctypes.byref(length)), 0, "getsockname")
same(lib.sendto(size(s), b"hello", 5, 0, ctypes.byref(address), length), 5, "sendto")
waiting = ctypes.c_uint32(0)
guard = (ctypes.c_uint32 * 2)(0, 0x77777777)
same(call(lib.ioctlsocket, size(s), ctypes.c_int(0x4004667F), guard), 0, "ioctlsocket")
same(list(guard), [5, 0x77777777], "a u_long of Windows has 32 bits")
text = ctypes.create_string_buffer(16)
same(lib.recv(size(s), text, 16, 0), 5, "recv")
same(text.value, b"hello", "its text")
milliseconds = ctypes.c_uint32(20)
same(call(lib.setsockopt, size(s), socket.SOL_SOCKET, socket.SO_RCVTIMEO,
          ctypes.byref(milliseconds), 4), 0, "setsockopt")
same(call(lib.recv, size(s), text, 16, 0), 10060, "WSAETIMEDOUT")
returned = ctypes.c_uint32(0)
same(call(lib.WSAIoctl, size(s), ctypes.c_uint32(0x98000065), ctypes.byref(ctypes.c_uint64(0)), 8,
          None, 0, ctypes.byref(returned), None, None) in (10022, 10045), True,
     "WSAIoctl: no reservation has the token 0")
event = ctypes.c_void_p(lib.WSACreateEvent())
check(event.value and lib.WSASetEvent(event), "WSASetEvent")
same(lib.WSAWaitForMultipleEvents(1, ctypes.byref(event), 1, 0, 0), 0, "WSAWaitForMultipleEvents")
check(lib.WSACloseEvent(event), "WSACloseEvent")
same(lib.FormatMessageA(0x1000, None, 5, 0, text, 16, None), 0, "FormatMessageA without room")
same(lib.GetLastError(), 122, "ERROR_INSUFFICIENT_BUFFER")

# Persistent reservations: without the module, or without privilege, or with both.
token = ctypes.c_uint64(77)
port = socket.htons(59321)
for name in ("Tcp", "Udp"):
    codes = (50,) if name == "Tcp" else (0, 5, 50, 1168)
    look = getattr(lib, f"LookupPersistent{name}PortReservation")
    check(look(port, 1, ctypes.byref(token)) in codes, f"LookupPersistent{name}PortReservation")
    check(hasattr(lib, f"CreatePersistent{name}PortReservation") and
          hasattr(lib, f"DeletePersistent{name}PortReservation"), f"Create and Delete, {name}")
same(lib.LookupPersistentUdpPortReservation(port, 1, None), 87, "Lookup without a token")
same(call(lib.closesocket, size(s)), 0, "closesocket")

# What libportres itself calls is the C library's, also if everybody can see the names.
everybody = ctypes.CDLL(sys.argv[1], mode=os.RTLD_GLOBAL | os.RTLD_NOW)
everybody.socket.restype = ctypes.c_size_t
s = everybody.socket(2, 1, 0)
check(s != INVALID_SOCKET, "socket, where everybody sees the names")
python = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
check(python.fileno() > 0, "and python's is still its own")
same(everybody.closesocket(size(s)), 0, "closesocket there")
same(lib.WSACleanup(), 0, "WSACleanup")
print(f"1..{rows}")
sys.exit(failed != 0)
