#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The matrix of UDP, for TCP.
exec "$(dirname "$(readlink -f "$0")")/bind_matrix" tcp
