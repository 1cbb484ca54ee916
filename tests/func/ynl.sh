#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The kernel tree's own client speaks the protocol from the specification alone: see ynl.py.
# That client does not load modules.
modprobe portres || exit 1
trap 'rmmod portres' EXIT
unshare --net /usr/bin/python3 -B "${0%.sh}.py"
