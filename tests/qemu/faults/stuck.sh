#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Never ends, and has children that do not mind a hangup.
echo "1..1"
echo "ok 1 - a row"
trap '' HUP TERM
sleep 100000 &
sleep 100000
