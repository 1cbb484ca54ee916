#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The machine ends in good order, but before its time.
echo "1..1"
echo "ok 1 - a row"
sleep 1
echo o >/proc/sysrq-trigger
sleep 10
