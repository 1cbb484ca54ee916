// SPDX-License-Identifier: GPL-2.0-only
/* What must be answered whatever users do. */
#include "answers.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "env.h"
#include "gauge.h"
#include "sock.h"
#include "tap.h"

#define FIRST 6000
#define COUNT 10
#define MISSING "attack-none"

int answers_protocol = IPPROTO_UDP;

const char *const answer_names[ANSWERS] = {
	[ADMINISTRATOR] = "create and delete",
	[CONTROL] = "netlink's control family",
	[NAMESPACES] = "a network namespace",
	[FAMILIES] = "a module with a netlink family",
};

double answer_limit(void)
{
	return kernel_is_slow() ? 6000 : 2000;
}

int reserve_once(struct client *c, unsigned int first, unsigned int count, struct answer *answer)
{
	struct request rq;
	int error;

	request_init(&rq, PORTRES_CMD_CREATE, 0);
	request_u8(&rq, PORTRES_A_PROTOCOL, IPPROTO_UDP);
	request_u16(&rq, PORTRES_A_FIRST, first);
	request_u16(&rq, PORTRES_A_COUNT, count);
	c->impatient = true;
	error = client_call(c, &rq, answer);
	c->impatient = false;
	return error;
}

static void create_and_delete(void)
{
	static struct client client;
	static bool opened;

	if (!opened) {
		must(client_open(&client), "no client");
		client.protocol = answers_protocol;
		/* of one that was killed before */
		unreserve(&client, FIRST, COUNT);
	}
	opened = true;
	must(reserve(&client, FIRST, COUNT, NULL, NO_OWNER, NULL), "cannot create");
	must(unreserve(&client, FIRST, COUNT), "cannot delete");
}

static void ask_for_family(void)
{
	struct {
		struct nlmsghdr nl;
		struct genlmsghdr genl;
		struct nlattr attr;
		char name[NLA_ALIGN(sizeof(MISSING))];
	} rq = {
		.nl = { sizeof(rq), GENL_ID_CTRL, NLM_F_REQUEST, 1, 0 },
		.genl = { .cmd = CTRL_CMD_GETFAMILY, .version = 2 },
		.attr = { NLA_HDRLEN + sizeof(MISSING), CTRL_ATTR_FAMILY_NAME },
		.name = MISSING,
	};
	struct {
		struct nlmsghdr nl;
		struct nlmsgerr error;
		char more[256];
	} answer;
	int fd = sock_open(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC);

	if (send(fd, &rq, sizeof(rq), 0) < 0 || recv(fd, &answer, sizeof(answer), 0) < 0)
		tap_bail("netlink does not answer: %s", strerror(errno));
	must(answer.error.error == -ENOENT ? 0 : EPROTO, "there is such a family");
	close(fd);
}

/* A namespace takes its end of a pair of interfaces along, and with it the other one, here. */
static char tether[IF_NAMESIZE];

static int live_in_namespace(void *arg)
{
	(void)arg;
	new_netns();
	return run("ip link add inside type veth peer name %s netns %d", tether, getppid());
}

static bool is_untied(void *arg)
{
	(void)arg;
	return !if_nametoindex(tether);
}

static void make_namespace(void)
{
	snprintf(tether, sizeof(tether), "tether%d", getpid());
	must(in_child(live_in_namespace, NULL) ? EPROTO : 0, "no pair of interfaces");
	while (!wait_until(is_untied, NULL, 60000))
		;
}

static void register_family(void)
{
	/* it may be busy for a moment, or built in: then less is tried */
	run("modprobe -q wireguard; modprobe -q -r wireguard");
}

void (*const answer_turns[ANSWERS])(void) = {
	[ADMINISTRATOR] = create_and_delete,
	[CONTROL] = ask_for_family,
	[NAMESPACES] = make_namespace,
	[FAMILIES] = register_family,
};
