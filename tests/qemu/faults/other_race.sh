#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The kernel's log gets the report of a data race that is the kernel's own.
echo "1..1"
for line in "==================================================================" \
	"BUG: KCSAN: data-race in choose / udp_lib_get_port" \
	"write to 0xffff888000000000 of 2 bytes by task 1 on cpu 0:" \
	" choose+0x1/0x2" \
	"=================================================================="; do
	echo "<3>$line" >/dev/kmsg
done
echo "ok 1 - a row"
