#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Nothing is wrong with this one.
echo "1..2"
echo "ok 1 - a row"
echo "ok 2 - another # SKIP for a reason"
