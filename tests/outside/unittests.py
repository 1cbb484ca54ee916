#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Runs CPython's own tests of sockets and prints a line "=END= TEST REASON" for each.

usage: unittests.py --short | --all

--short: those about UDP and TCP, by their names.
"""

import sys
import unittest

SOCKET = "test.test_socket"
WHOLE = [SOCKET, "test.test_timeout", "test.test_socketserver", "test.test_asyncio.test_events",
         "test.test_asyncio.test_base_events", "test.test_asyncio.test_sock_lowlevel",
         "test.test_asyncio.test_selector_events", "test.test_asyncio.test_sendfile",
         "test.test_asyncio.test_streams", "test.test_asyncio.test_server",
         "test.test_ftplib", "test.test_httpservers",
         "test.test_logging.DatagramHandlerTest", "test.test_logging.SocketHandlerTest"]
WORDS = ("udp", "datagram", "dgram", "recvfrom", "sendto",
         "tcp", "createserver", "create_server", "create_connection", "stream", "sockethandler")
OTHERS = ("udplite", "unix", "vsock", "tipc")


def flat(suite):
    """All tests of a suite."""
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from flat(test)
        else:
            yield test


def is_short(test):
    """Is it about UDP or TCP? By its name, as there is no other sign of it."""
    name = test.id().lower()
    return any(word in name for word in WORDS) and not any(word in name for word in OTHERS)


class Result(unittest.TestResult):
    """Prints as it goes; of a test that ends in several ways the worst counts."""

    def startTest(self, test):
        super().startTest(test)
        self.end = ("pass", "")

    def stopTest(self, test):
        super().stopTest(test)
        word, reason = self.end
        print(f"={word}= {test.id()} {' '.join(reason.split())}", flush=True)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        if self.end[0] == "pass":
            self.end = ("skip", reason)

    def _bad(self, test, error):
        text = self._exc_info_to_string(error, test)
        self.end = ("fail", text.strip().splitlines()[-1])
        print(text)

    def addError(self, test, err):
        if isinstance(test, unittest.TestCase):
            self._bad(test, err)
        else:
            print(f"=fail= {test.id()} {err[1]}")

    addFailure = _bad

    def addSubTest(self, test, subtest, err):
        if err:
            self._bad(test, err)


def main():
    """Finds the tests and runs them."""
    picked = {"--short": is_short, "--all": lambda test: True}[sys.argv[1]]
    tests = flat(unittest.defaultTestLoader.loadTestsFromNames(WHOLE))
    unittest.TestSuite(test for test in tests if picked(test)).run(Result())


if __name__ == "__main__":
    main()
