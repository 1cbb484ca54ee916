// SPDX-License-Identifier: GPL-2.0-only
/*
 * libportres against the module: what is made is found again, errors carry the kernel's
 * text, a list fits together while others change it, a monitor misses nothing silently.
 */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <portres/portres.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "env.h"
#include "gauge.h"
#include "sock.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof(*(array)))

static struct portres *handle;

static int create(struct portres *h, uint16_t first, uint16_t count, uint64_t *token)
{
	struct portres_spec *spec = portres_spec_new(IPPROTO_UDP, first, count);
	int error = portres_create(h, spec, token);

	portres_spec_free(spec);
	return error;
}

static int delete(struct portres *h, uint16_t first, uint16_t count)
{
	return portres_delete(h, IPPROTO_UDP, first, count);
}

static void check_found(struct portres_reservation *found, uint64_t wanted, const char *how)
{
	const char *name = portres_reservation_name(found);
	uint64_t token = 0;
	uid_t owner = 0;

	tap_ok(portres_reservation_protocol(found) == IPPROTO_UDP &&
	       portres_reservation_first(found) == 5000 &&
	       portres_reservation_count(found) == 10, "%s: the block", how);
	tap_ok(name && !strcmp(name, "telephone"), "%s: the name", how);
	tap_num(portres_reservation_owner(found, &owner), 0, "%s: there is an owner", how);
	tap_num(owner, OWNER_UID, "%s: the owner", how);
	tap_num(portres_reservation_token(found, &token), 0, "%s: there is a token", how);
	tap_ok(token == wanted, "%s: the token", how);
	portres_reservation_free(found);
}

static void test_found_again(void)
{
	struct portres_spec *spec = portres_spec_new(IPPROTO_UDP, 5000, 10);
	struct portres_reservation *found = NULL;
	uint64_t token = 0;

	tap_num(portres_spec_set_name(spec, "telephone"), 0, "a name");
	tap_num(portres_spec_set_owner(spec, OWNER_UID), 0, "an owner");
	tap_num(portres_create(handle, spec, &token), 0, "create");
	portres_spec_free(spec);
	if (!portres_get_block(handle, IPPROTO_UDP, 5000, 10, &found))
		check_found(found, token, "by block");
	if (!portres_get_port(handle, IPPROTO_UDP, 5009, &found))
		check_found(found, token, "by port");
	if (!portres_get_token(handle, token, &found))
		check_found(found, token, "by token");
	tap_num(try_port(AF_INET, 5004), EADDRINUSE, "a bind is refused");
	tap_num(portres_get_port(handle, IPPROTO_UDP, 5000, &found), 0, "it is found");
	tap_num((long long)portres_reservation_refused(found), 1, "and has counted the bind");
	tap_num(portres_reservation_sockets(found), 0, "and has no sockets");
	portres_reservation_free(found);
	tap_num(delete(handle, 5000, 10), 0, "delete");
	tap_num(create(handle, 5000, 10, NULL), 0, "create without a place for the token");
	tap_num(delete(handle, 5000, 10), 0, "delete again");
}

static int try_create(void *arg)
{
	const uint16_t *block = arg;
	struct portres *h;
	int error = portres_open(&h);

	if (!error) {
		error = create(h, block[0], block[1], NULL);
		if (error == -EPERM && !strstr(portres_error(h), "CAP_NET_ADMIN"))
			error = -ENOMSG;
		portres_close(h);
	}
	return -error;
}

static void test_errors(void)
{
	static const struct {
		const char *what;
		uint16_t first;
		uint16_t count;
		int error;
		const char *text;	/* how it begins */
	} rows[] = {
		{ "port 0", 0, 1, -ERANGE, "first: " },
		{ "no ports", 5000, 0, -ERANGE, "count: " },
		{ "beyond the last port", 65535, 2, -EINVAL, "count" },
		{ "an overlap", 6005, 10, -EEXIST, "" },
		{ "a port in use", 7000, 10, -EADDRINUSE, "" },
	};
	uint16_t block[] = { 9000, 1 };
	struct portres_reservation *found;
	int fd = udp_open(AF_INET);
	size_t i;

	create(handle, 6000, 10, NULL);
	sock_bind_any(fd, 7005);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t token = 77;
		int error = create(handle, rows[i].first, rows[i].count, &token);

		tap_errno(-error, -rows[i].error, "%s", rows[i].what);
		tap_ok(!strncmp(portres_error(handle), rows[i].text, strlen(rows[i].text)) &&
		       *portres_error(handle), "%s: %s", rows[i].what, portres_error(handle));
		tap_ok(token == 77, "%s: no token is written", rows[i].what);
	}
	tap_errno(-delete(handle, 6000, 9), ENOENT, "delete of a part");
	tap_errno(-portres_get_port(handle, IPPROTO_UDP, 6010, &found), ENOENT, "no such port");
	tap_errno(-portres_get_token(handle, 1, &found), ENOENT, "no such token");
	tap_errno(-portres_get_port(handle, IPPROTO_SCTP, 6000, &found), EPROTONOSUPPORT, "SCTP");
	tap_errno(as_user(STRANGER_UID, try_create, block), EPERM,
		  "a stranger is refused in the words of the library");
	tap_num(delete(handle, 6000, 10), 0, "delete");
	tap_ok(!*portres_error(handle), "success leaves no text");
	close(fd);
}

static void test_sockets(void)
{
	struct portres_association seen;
	int udp = udp_open(AF_INET6);
	int tcp = sock_open(AF_INET, SOCK_STREAM, 0);
	uint64_t token = 0;

	create(handle, 5000, 10, &token);
	tap_errno(-portres_get_association(udp, &seen), ENOENT, "not associated");
	tap_errno(-portres_associate(udp, 0), EINVAL, "token 0");
	tap_errno(-portres_associate(tcp, token), EINVAL, "a TCP socket, by a token of UDP");
	tap_errno(-portres_associate(-1, token), EBADF, "no descriptor");
	tap_num(portres_associate(udp, token), 0, "associate");
	tap_num(portres_get_association(udp, &seen), 0, "associated");
	tap_ok(seen.token == token && seen.first == 5000 && seen.count == 10, "with the block");
	tap_num(sock_bind_any(udp, 5003), 0, "and may bind");
	close(udp);
	close(tcp);
	delete(handle, 5000, 10);
}

/* What a list saw: one of two reservations that take turns stands at any moment. */
#define LOW 1000
#define HIGH 60000
#define BETWEEN 1000	/* as many that make the list long */

struct picture {
	unsigned int total;
	bool turn;
	uint16_t last;
	bool ascending;
};

static int look(const struct portres_reservation *reservation, void *arg)
{
	uint16_t first = portres_reservation_first(reservation);
	struct picture *picture = arg;

	if (first <= picture->last)
		picture->ascending = false;
	picture->last = first;
	picture->total++;
	if (first == LOW || first == HIGH)
		picture->turn = true;
	return 0;
}

static atomic_bool over;
static atomic_uint turns;
static unsigned int pause_usec;

/* Pauses, as a list of this length would else never be undisturbed. */
static void *take_turns(void *arg)
{
	struct portres *own;

	(void)arg;
	if (portres_open(&own))
		return NULL;
	while (!over) {
		create(own, LOW, 1, NULL);
		delete(own, HIGH, 1);
		usleep(pause_usec);
		create(own, HIGH, 1, NULL);
		delete(own, LOW, 1);
		usleep(pause_usec);
		turns++;
	}
	portres_close(own);
	return NULL;
}

static int stop(const struct portres_reservation *reservation, void *arg)
{
	(void)reservation;
	++*(int *)arg;
	return 42;
}

/* Twice as long as a list takes, which depends on the machine. */
static unsigned int measure_pause(void)
{
	struct picture picture = { .ascending = true };
	double begin = milliseconds();

	must(portres_for_each(handle, look, &picture), "cannot list");
	return 20000 + 2000 * (milliseconds() - begin);
}

static void test_list(void)
{
	unsigned int wrong = 0;
	unsigned int lists;
	pthread_t thread;
	int visits = 0;
	unsigned int i;

	for (i = 0; i < BETWEEN; i++)
		create(handle, (uint16_t)(10000 + 2 * i), 1, NULL);
	create(handle, HIGH, 1, NULL);
	tap_num(portres_for_each(handle, stop, &visits), 42, "a visitor ends the list");
	tap_num(visits, 1, "at once");
	pause_usec = measure_pause();
	pthread_create(&thread, NULL, take_turns, NULL);
	for (lists = 0; lists < 100 || turns < 20; lists++) {
		struct picture picture = { .ascending = true };
		int error = portres_for_each(handle, look, &picture);

		if (error == -EAGAIN)
			continue;
		if (error || !picture.turn || !picture.ascending ||
		    picture.total < BETWEEN + 1 || picture.total > BETWEEN + 2)
			wrong++;
	}
	over = true;
	pthread_join(thread, NULL);
	tap_num(wrong, 0, "%u lists during %u changes, each of one moment", lists, 4 * turns);
	delete(handle, HIGH, 1);
	for (i = 0; i < BETWEEN; i++)
		delete(handle, (uint16_t)(10000 + 2 * i), 1);
}

/* What a monitor has told. */
struct told {
	int created;
	int deleted;
	int missed;
	uint16_t first;
	bool token;
};

static void hear(enum portres_event event, const struct portres_reservation *reservation,
		 void *arg)
{
	struct told *told = arg;
	uint64_t token;

	told->created += event == PORTRES_EVENT_CREATED;
	told->deleted += event == PORTRES_EVENT_DELETED;
	told->missed += event == PORTRES_EVENT_MISSED;
	if (reservation) {
		told->first = portres_reservation_first(reservation);
		told->token |= !portres_reservation_token(reservation, &token);
	}
}

struct hearing {
	struct portres_monitor *monitor;
	struct told told;
	int missed;
};

static bool heard(void *arg)
{
	struct hearing *h = arg;

	portres_monitor_receive(h->monitor, hear, &h->told);
	return h->told.missed >= h->missed;
}

static bool heard_creation(void *arg)
{
	struct hearing *h = arg;

	return !portres_monitor_receive(h->monitor, hear, &h->told) && h->told.created;
}

static bool heard_deletion(void *arg)
{
	struct hearing *h = arg;

	return !portres_monitor_receive(h->monitor, hear, &h->told) && h->told.deleted;
}

static void test_monitor(void)
{
	struct pollfd pollfd = { .events = POLLIN };
	struct hearing h = { 0 };
	int i;

	tap_num(portres_monitor_open(handle, &h.monitor), 0, "a monitor");
	pollfd.fd = portres_monitor_fd(h.monitor);
	tap_num(portres_monitor_receive(h.monitor, hear, &h.told), 0, "nothing to be heard");
	tap_num(poll(&pollfd, 1, 0), 0, "nothing to be waited for");
	create(handle, 5000, 10, NULL);
	tap_num(poll(&pollfd, 1, 5000), 1, "something comes");
	delete(handle, 5000, 10);
	tap_ok(wait_until(heard_deletion, &h, 5000), "it is heard");
	tap_ok(h.told.created == 1 && h.told.deleted == 1 && !h.told.missed &&
	       h.told.first == 5000 && !h.told.token, "a creation and a deletion, no token");

	for (i = 0; i < 500; i++) {
		create(handle, 5000, 10, NULL);
		delete(handle, 5000, 10);
	}
	memset(&h.told, 0, sizeof(h.told));
	tap_num(portres_monitor_receive(h.monitor, hear, &h.told), 0, "too much to be heard");
	tap_ok(h.told.missed && h.told.created < 500, "it says so: %d heard, %d times missed",
	       h.told.created, h.told.missed);

	memset(&h.told, 0, sizeof(h.told));
	h.missed = 1;
	tap_ok(module_unloads(), "the module is unloaded");
	tap_ok(wait_until(heard, &h, 5000), "the monitor says that it missed something");
	module_load();
	h.missed = 2;
	tap_ok(wait_until(heard, &h, 5000), "again when the module is back");
	/* what is left of the many was still being sent when it was too much */
	memset(&h.told, 0, sizeof(h.told));
	tap_num(create(handle, 5100, 10, NULL), 0, "the handle works with the new module");
	tap_ok(wait_until(heard_creation, &h, 5000) && h.told.created == 1 &&
	       h.told.first == 5100, "and the monitor hears of it");
	delete(handle, 5100, 10);
	portres_monitor_close(h.monitor);
}

/* Last, as it takes the module away. The library loads nothing: that is for an administrator. */
static void test_no_module(void)
{
	struct portres_reservation *found;
	struct portres_association block;
	struct portres_monitor *monitor;
	int fd = udp_open(AF_INET);

	tap_ok(module_unloads(), "the module is unloaded");
	tap_errno(-create(handle, 5000, 10, NULL), ENOSYS, "create without the module");
	tap_ok(strstr(portres_error(handle), "modprobe"), "says what to do");
	tap_errno(-portres_get_port(handle, IPPROTO_UDP, 1, &found), ENOSYS, "get without it");
	tap_errno(-portres_for_each(handle, stop, NULL), ENOSYS, "list without it");
	tap_errno(-portres_monitor_open(handle, &monitor), ENOSYS, "monitor without it");
	tap_errno(-portres_associate(fd, 1), ENOSYS, "associate without it");
	tap_ok(!module_loaded(), "none of these has loaded it");
	tap_errno(-portres_acquire(fd, 5000, 10, &block), ENOSYS, "acquire without it");
	module_load_at_once();
	tap_num(create(handle, 5000, 10, NULL), 0, "create at the moment in which it has come");
	delete(handle, 5000, 10);
	close(fd);
}

int main(void)
{
	module_load();
	new_netns();
	if (portres_open(&handle))
		tap_bail("cannot open a handle");
	test_found_again();
	test_errors();
	test_sockets();
	test_list();
	test_monitor();
	test_no_module();
	portres_close(handle);
	return tap_finish();
}
