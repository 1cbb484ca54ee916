#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The race of UDP, for TCP.
exec "$(dirname "$(readlink -f "$0")")/race" tcp
