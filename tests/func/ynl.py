#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Drives the module with the kernel tree's YNL client, unmodified, as library and as command.

Runs in a network namespace of its own with the module loaded; ynl.sh sees to both.
"""

import errno
import json
import os
import pathlib
import socket
import subprocess
import sys
import time

YNL = "/usr/lib/ynl"
SPEC = str(pathlib.Path(__file__).resolve().parents[2] / "Documentation/netlink/specs/portres.yaml")
STRANGER = 1001

sys.path.insert(0, YNL)
# pylint: disable=wrong-import-position,import-error
from lib import NlError, YnlFamily  # noqa: E402
from lib import ynl as nl  # noqa: E402

CTRL_CMD_GETPOLICY = 10
CTRL_ATTR_FAMILY_NAME = 2
CTRL_ATTR_POLICY = 8
CTRL_ATTR_OP_POLICY = 9
CTRL_ATTR_POLICY_DO = 1

BLOCK = {"protocol": 17, "first": 5000, "count": 10}
OTHER = {"protocol": 17, "first": 6000, "count": 1}
TOLD = {"name": "ynl", "owner": 4000, "grant": [{"user": 4000}], "refused": 0, "avoided": 0,
        "sockets": 0}


class Tap:
    """Counts rows and explains failures."""

    def __init__(self):
        self.rows = self.failed = 0

    def same(self, got, wanted, text):
        """A row that passes if the two are the same."""
        self.rows += 1
        self.failed += got != wanted
        print(f"{'ok' if got == wanted else 'not ok'} {self.rows} - {text}")
        if got != wanted:
            print(f"# got    {got}\n# wanted {wanted}")
        sys.stdout.flush()

    def finish(self):
        """Prints the plan and returns the exit status."""
        print(f"1..{self.rows}")
        return 1 if self.failed else 0


def do_everything(tap, family):
    """Create, get in each way, dump, delete."""
    tap.same(family.dump("get", {}), [], "dump: nothing is reserved")
    reply = family.do("create", {**BLOCK, "name": "ynl", "owner": 4000})
    token = reply.pop("token")
    tap.same((reply, token > 0), (BLOCK, True), "create answers with block and token")
    whole = {**BLOCK, **TOLD, "token": token}
    tap.same(family.do("get", BLOCK), whole, "get by block")
    tap.same(family.do("get", {"protocol": 17, "port": 5009}), whole, "get by port")
    tap.same(family.do("get", {"token": token}), whole, "get by token")
    family.do("create", OTHER)
    dumped = family.dump("get", {})
    tap.same((dumped[0], dumped[1]["first"], len(dumped)), (whole, 6000, 2), "dump")
    tap.same(family.do("delete", BLOCK), None, "delete")
    family.do("delete", OTHER)
    tap.same(family.dump("get", {}), [], "dump: nothing is reserved any more")


def notifications(tap, listener):
    """What do_everything() did, as a listener hears it."""
    for _ in range(100):
        listener.check_ntf()
        if len(listener.async_msg_queue) >= 4:
            break
        time.sleep(0.05)
    whole = {**BLOCK, **TOLD}
    other = {**OTHER, "refused": 0, "avoided": 0, "sockets": 0}
    tap.same([(m["name"], m["msg"]) for m in listener.async_msg_queue],
             [("created", whole), ("created", other), ("deleted", whole), ("deleted", other)],
             "notifications")


def try_bind(port):
    """Binds a UDP socket, which a reservation refuses."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.bind(("", port))
        except OSError as error:
            return error.errno
    return 0


def wait_for(listener):
    """The next notification, as far as there is one within ten seconds."""
    for _ in range(200):
        listener.check_ntf()
        if listener.async_msg_queue:
            return listener.async_msg_queue.pop(0)
        time.sleep(0.05)
    return None


def refusals(tap, family):
    """Refused binds as a listener hears them, and in the answer about their reservation."""
    listener = YnlFamily(SPEC, schema="")
    listener.ntf_subscribe("refusals")
    family.do("create", {**BLOCK, "name": "ynl"})
    before = time.time_ns()
    tap.same([try_bind(port) for port in (5000, 5009)], [errno.EADDRINUSE] * 2, "two are refused")
    told = wait_for(listener)
    answered = family.do("get", BLOCK)
    of_both = {"port": 5009, "errno": errno.EADDRINUSE, "times": 2, "user": os.geteuid(),
               "process": os.getpid(),
               "command": pathlib.Path("/proc/self/comm").read_text(encoding="utf-8").strip()}
    later = [told["msg"]["refusal"][0], answered["refusal"][0]] if told else [{}, {}]
    tap.same([once.pop("time", 0) // 10**9 - before // 10**9 in range(60) for once in later],
             [True] * 2, "the time")
    start = [once.pop("process-start", 0) for once in later]
    tap.same((start[0] == start[1], start[0] > 0), (True, True), "the start of the process")
    cgroup = [once.pop("cgroup", 0) for once in later]
    tap.same(cgroup[0], cgroup[1], "its cgroup")
    tap.same(told, {"name": "refused", "msg": {"refusal": [{**BLOCK, "name": "ynl", **of_both}]}},
             "the notification of refusals")
    tap.same((answered["refused"], answered["refusal"]), (2, [of_both]), "the answer about them")
    family.do("delete", BLOCK)


def error_of(family, operation, values):
    """errno, attribute at fault, missing attribute, and whether there is a text."""
    try:
        family.do(operation, values)
    except NlError as error:
        extack = error.nl_msg.extack or {}
        return (errno.errorcode[error.error], extack.get("bad-attr"), extack.get("miss-type"),
                bool(extack.get("msg")))
    return None


def errors(tap, family):
    """Refusals come with the attribute, as the client resolves it, and a text."""
    family.do("create", BLOCK)
    part = {"protocol": 17, "first": 5000}
    for operation, values, wanted in (
            ("create", part, ("EINVAL", None, "count", True)),
            ("create", {**part, "count": 0}, ("ERANGE", ".count", None, True)),
            ("create", {**OTHER, "first": 0}, ("ERANGE", ".first", None, True)),
            ("create", {**OTHER, "protocol": 132}, ("EPROTONOSUPPORT", ".protocol", None, True)),
            ("create", {**OTHER, "name": "x" * 64}, ("EINVAL", ".name", None, True)),
            ("create", {**OTHER, "port": 6000}, ("EINVAL", ".port", None, True)),
            ("create", {**part, "count": 1}, ("EEXIST", None, None, True)),
            ("delete", OTHER, ("ENOENT", None, None, True)),
            ("delete", {}, ("EINVAL", None, "protocol", True)),
            ("get", {"token": 1}, ("ENOENT", None, None, True)),
            ("get", {"protocol": 17, "port": 0}, ("ERANGE", ".port", None, True))):
        tap.same(error_of(family, operation, values), wanted, f"{operation} {values}: {wanted[0]}")
    family.do("delete", BLOCK)


def policy_of_kernel():
    """What the kernel tells about its policies: operation -> attribute -> limits."""
    name = b"portres\0"
    msg = nl._genl_msg(nl.Netlink.GENL_ID_CTRL,  # pylint: disable=protected-access
                       nl.Netlink.NLM_F_REQUEST | nl.Netlink.NLM_F_ACK | nl.Netlink.NLM_F_DUMP,
                       CTRL_CMD_GETPOLICY, 1)
    msg += len(name + b"....").to_bytes(2, sys.byteorder)
    msg += CTRL_ATTR_FAMILY_NAME.to_bytes(2, sys.byteorder) + name
    operations, policies = {}, {}
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, nl.Netlink.NETLINK_GENERIC) as sock:
        sock.send(nl._genl_msg_finalize(msg))  # pylint: disable=protected-access
        while True:
            for answer in nl.NlMsgs(sock.recv(1 << 17)):
                if answer.done:
                    return {op: policies.get(index, {}) for op, index in operations.items()}
                for attr in nl.NlAttrs(answer.raw, 4):
                    read_policy(attr, operations, policies)


def read_policy(attr, operations, policies):
    """Takes one attribute of the kernel's answer."""
    if attr.type == CTRL_ATTR_OP_POLICY:
        for operation in nl.NlAttrs(attr.raw):
            for way in nl.NlAttrs(operation.raw):
                if way.type == CTRL_ATTR_POLICY_DO:
                    operations[operation.type] = way.as_scalar("u32")
    elif attr.type == CTRL_ATTR_POLICY:
        for policy in nl.NlAttrs(attr.raw):
            for entry in nl.NlAttrs(policy.raw):
                limits = nl.NlMsg._decode_policy(None, entry.raw)  # pylint: disable=protected-access
                policies.setdefault(policy.type, {})[entry.type] = limits


def policy_of_spec(family):
    """The same from the specification."""
    told = {}
    for op in family.ops.values():
        limits = told[op.req_value] = {}
        for name in op["do"]["request"]["attributes"]:
            attr = op.attr_set[name]
            checks = attr.get("checks", {})
            if attr.type == "string":
                longest = family.consts[checks["max-len"]]["value"]
                limits[attr.value] = {"type": "nul-string", "max-length": longest}
            elif attr.type in ("flag", "nest"):
                limits[attr.value] = {"type": {"nest": "nested"}.get(attr.type, attr.type)}
            else:
                limits[attr.value] = {"type": attr.type, "min-value": checks.get("min", 0),
                                      "max-value": 2 ** int(attr.type[1:]) - 1}
    return told


def command(*arguments, **options):
    """Runs the client as people do: exit status and output. The schema was seen to already."""
    done = subprocess.run([sys.executable, "-B", YNL + "/cli.py", "--spec", SPEC, "--no-schema",
                           "--output-json", *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False, **options)
    return done.returncode, done.stdout


def from_the_shell(tap):
    """The client as a command, once for each thing."""
    status, out = command("--do", "create", "--json", json.dumps(BLOCK))
    tap.same((status, sorted(json.loads(out))), (0, ["count", "first", "protocol", "token"]),
             "cli.py --do create")
    status, out = command("--dump", "get", user=STRANGER, group=STRANGER, extra_groups=[])
    tap.same((status, json.loads(out)), (0, [{**BLOCK, "refused": 0, "avoided": 0, "sockets": 0}]),
             "cli.py --dump get, as a stranger")
    status, out = command("--do", "delete", "--json", json.dumps(BLOCK), user=STRANGER,
                          group=STRANGER, extra_groups=[])
    tap.same((status, "Operation not permitted" in out), (1, True),
             "cli.py --do delete, as a stranger")
    status, out = command("--do", "delete", "--json", json.dumps(BLOCK))
    tap.same((status, json.loads(out)), (0, None), "cli.py --do delete")


def main():
    """Runs all rows."""
    tap = Tap()
    family, listener = YnlFamily(SPEC), YnlFamily(SPEC, schema="")
    listener.ntf_subscribe("changes")
    do_everything(tap, family)
    notifications(tap, listener)
    refusals(tap, family)
    errors(tap, family)
    tap.same(policy_of_kernel(), policy_of_spec(family), "policies of the commands")
    from_the_shell(tap)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
