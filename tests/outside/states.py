# SPDX-License-Identifier: GPL-2.0-only
"""The states of the kernel in which outside programs run."""

import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import time

WITHOUT, IDLE, RESERVED = ALL = ("without the module", "module idle", "ports reserved")

# Outside of the usual ephemeral range, and not among the ports that the programs name: TCP's are
# below 21000, but for those of ip_local_port_range, from 30000 to 49999.
BLOCKS = ("udp 13000-19999", "udp 61000-65535", "tcp 24000-29999", "tcp 61000-65535")

HERE = pathlib.Path(__file__).resolve().parent
MODULE = pathlib.Path("/sys/module/portres")
STORE = pathlib.Path("/var/lib/portres")
LOG = pathlib.Path("/tmp/namespaces")
UNLOAD_LIMIT = 60


class Fault(Exception):
    """A state could not be reached or left."""


def call(*command):
    """Runs a command; returns its standard output."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          check=False)
    if done.returncode:
        raise Fault(f"{' '.join(command)}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


class Stage:
    """One state, as long as it is entered."""

    def __init__(self, state, blocks):
        self.state = state
        self.blocks = blocks

    def environment(self):
        """For the programs. In the last state namespaces that they make get the reservations
        as well, by a command "ip" before the real one."""
        path = f"{HERE}/bin:{os.environ['PATH']}"
        env = dict(os.environ)
        if self.state == RESERVED:
            path = f"{HERE}/wrap:{path}"
            env |= {"PORTRES_BLOCKS": ",".join(self.blocks), "PORTRES_LOG": str(LOG)}
        return env | {"PATH": path}

    def problems(self):
        """What is no longer as it was when the state was entered."""
        if self.state == WITHOUT:
            return ["the module has been loaded"] if MODULE.exists() else []
        if not MODULE.exists():
            return ["the module has been unloaded"]
        found = json.loads(call("portres", "show", "-j"))
        wanted = len(self.blocks) if self.state == RESERVED else 0
        wrong = []
        if len(found) != wanted:
            wrong.append(f"{len(found)} reservations stand, not {wanted}")
        if self.blocks == BLOCKS:
            wrong += [f"{r['protocol']} {r['first']}-{r['last']}: {r['refused']} binds were refused"
                      for r in found if r["refused"]]
        if LOG.exists():
            lines = LOG.read_text(encoding="utf-8").splitlines()
            wrong += [line for line in lines if not line.startswith("reserved")]
            print(f"# {len(lines)} times reserved in other network namespaces")
        return wrong


def unload():
    """Sockets that were closed keep the module for a moment."""
    end = time.monotonic() + UNLOAD_LIMIT
    while MODULE.exists():
        done = subprocess.run(["rmmod", "portres"], stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode and time.monotonic() > end:
            raise Fault(f"the module cannot be unloaded: {done.stderr.strip()}")
        if done.returncode:
            time.sleep(0.2)


@contextlib.contextmanager
def enter(state, blocks=BLOCKS):
    """Makes a state, for as long as the context lasts."""
    unload()
    shutil.rmtree(STORE, ignore_errors=True)
    LOG.unlink(missing_ok=True)
    try:
        if state != WITHOUT:
            call("modprobe", "portres")
        if state == RESERVED:
            for block in blocks:
                call("portres", "add", *block.split())
        yield Stage(state, blocks)
    finally:
        unload()
