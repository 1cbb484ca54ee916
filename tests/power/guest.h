/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of the guest's PID 1 know of each other. */
#ifndef PORTRES_TESTS_GUEST_H
#define PORTRES_TESTS_GUEST_H

#define STATE_DIR "/var/lib/portres"

/* A line to the host; it has left the machine's memory when this returns. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Says why and ends. */
void give_up(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* stream.c: starts the processes that make and end reservations until the power is cut */
void start_stream(unsigned int seed);

/* stream.c: says what the kernel has */
void tell_kernel(void);

#endif
