/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Refused binds: which processes were refused ports of a reservation. A part of
 * <portres/portres.h>, which has the rules for the whole library.
 */
#ifndef PORTRES_REFUSALS_H
#define PORTRES_REFUSALS_H

#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

struct portres_monitor;
struct portres_refusal;
struct portres_reservation;

/*
 * The processes that were refused a port of the reservation lately, by number, from 0; NULL after
 * the last. They are valid as long as the reservation. Only portres_get_block() and the other
 * functions that look up one reservation report them, to callers with CAP_NET_ADMIN over the
 * network namespace; the kernel keeps up to 32 of the namespace.
 */
const struct portres_refusal *
portres_reservation_refusal(const struct portres_reservation *reservation, unsigned int number);

/*
 * The reservation: its protocol, block and name. In an event of a monitor it may be gone already,
 * then first and count are 0. The name is NULL if there is none; it may contain any bytes.
 */
uint8_t portres_refusal_protocol(const struct portres_refusal *refusal);
uint16_t portres_refusal_first(const struct portres_refusal *refusal);
uint16_t portres_refusal_count(const struct portres_refusal *refusal);
const char *portres_refusal_name(const struct portres_refusal *refusal);

/* The last refused bind: the port, the errno it failed with (positive), CLOCK_REALTIME in ns. */
uint16_t portres_refusal_port(const struct portres_refusal *refusal);
int portres_refusal_errno(const struct portres_refusal *refusal);
uint64_t portres_refusal_time(const struct portres_refusal *refusal);

/* How often the process was refused; in an event, since the last one about both. */
uint64_t portres_refusal_times(const struct portres_refusal *refusal);

/*
 * The effective user; the process, -ESRCH if it has no number in this pid namespace; the name of
 * the process, which may contain any bytes; its start in nanoseconds of CLOCK_BOOTTIME; and the id
 * of its cgroup (v2), as name_to_handle_at(2) has it, -ENOENT without cgroups. In an event the
 * number is that of the initial pid namespace if the initial user namespace owns the network
 * namespace, else that of the process' own.
 */
uid_t portres_refusal_user(const struct portres_refusal *refusal);
int portres_refusal_process(const struct portres_refusal *refusal, pid_t *process);
const char *portres_refusal_command(const struct portres_refusal *refusal);
uint64_t portres_refusal_process_start(const struct portres_refusal *refusal);
int portres_refusal_cgroup(const struct portres_refusal *refusal, uint64_t *id);

/*
 * Has portres_monitor_receive() also call tell for each process that was refused ports of a
 * reservation: at most once a second for the same two. refusal is valid until tell returns. NULL:
 * lost binds were refused of which nothing else is told, as there were too many at once.
 * tell NULL: no longer. A monitor that cannot have refusals goes on without:
 *
 *   -EPERM       the caller lacks CAP_NET_ADMIN over the network namespace
 *   -EOPNOTSUPP  the module does not report refusals
 */
typedef void portres_refusal_fn(const struct portres_refusal *refusal, uint32_t lost, void *arg);
int portres_monitor_refusals(struct portres_monitor *monitor, portres_refusal_fn *tell, void *arg);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif /* PORTRES_REFUSALS_H */
