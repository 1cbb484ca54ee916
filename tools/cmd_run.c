// SPDX-License-Identifier: GPL-2.0-only
/*
 * portres run: acquires a block for a command and its descendants, of UDP, TCP or both, and runs
 * the command.
 */
#include <errno.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "command.h"
#include "failure.h"
#include "kernel/protocol.h"
#include "message.h"
#include "open.h"
#include "parse.h"
#include "supervise.h"
#include "text.h"

/* Size of the name of a process in the kernel, with the terminating zero. */
#define COMM_MAX 16

/* Blocks that are tried, each free in one protocol, before none counts as free in both. */
#define BOTH_ATTEMPTS 32

/* The arguments. range.first 0: any block of that size. */
struct run_args {
	uint8_t protocol;	/* PORTRES_BOTH: the same block in both */
	struct range range;
	const char *name;
	char **command;
};

static bool is_number(const char *word)
{
	return *word && !word[strspn(word, "0123456789")];
}

/* A number alone is a count. */
static bool parse_ports(const char *word, struct range *range, parse_reason reason)
{
	char *shown;
	long count;

	if (!is_number(word))
		return parse_range(word, range, reason);
	errno = 0;
	count = strtol(word, NULL, 10);
	if (errno || count < 1 || count > UINT16_MAX) {
		shown = quoted_text(word);
		snprintf(reason, REASON_MAX,
			 "\"%s\" is not a number of ports: expected 1 to 65535", shown);
		free(shown);
		return false;
	}
	*range = (struct range){ 0, (uint16_t)count };
	return true;
}

static bool usage_error(parse_reason reason, const char *text)
{
	snprintf(reason, REASON_MAX, "%s", text);
	return false;
}

/* The values of --udp and --tcp. */
static bool parse_protocols(const struct call *call, struct run_args *args, parse_reason reason)
{
	struct range other;

	if (!call->udp && !call->tcp)
		return usage_error(reason, "run needs --udp or --tcp with a number or a range of "
				   "ports");
	args->protocol = call->udp ? IPPROTO_UDP : IPPROTO_TCP;
	if (!parse_ports(call->udp ? call->udp : call->tcp, &args->range, reason))
		return false;
	if (!call->udp || !call->tcp)
		return true;
	args->protocol = PORTRES_BOTH;
	if (!parse_ports(call->tcp, &other, reason))
		return false;
	if (other.first != args->range.first || other.count != args->range.count)
		return usage_error(reason, "--udp and --tcp stand for the same ports in both: give "
				   "both the same number or range");
	return true;
}

static bool parse_run(const struct call *call, struct run_args *args, parse_reason reason)
{
	int words = call->before_end < 0 ? call->argc : call->before_end;
	char *shown;

	if (!parse_protocols(call, args, reason))
		return false;
	if (words && (strcmp(call->argv[0], "name") != 0 || words > 2)) {
		shown = quoted_text(strcmp(call->argv[0], "name") != 0 ? call->argv[0] :
									 call->argv[2]);
		snprintf(reason, REASON_MAX, "unexpected word \"%s\": expected name TEXT, then "
			 "-- and the command", shown);
		free(shown);
		return false;
	}
	if (words == 1)
		return usage_error(reason, "missing value after \"name\"");
	if (call->before_end < 0 || call->argc == words)
		return usage_error(reason, "missing command: expected -- and the command");
	args->name = words ? call->argv[1] : NULL;
	args->command = call->argv + words;
	/* The words were moved forward over the options: end them again. */
	call->argv[call->argc] = NULL;
	return true;
}

/* "portres show" shows the name that the process had when it acquired the block. */
static void set_comm(const char *name, char before[COMM_MAX])
{
	char cut[COMM_MAX];
	size_t len = strlen(name);

	/* Do not split a character of UTF-8. */
	if (len >= sizeof(cut))
		for (len = sizeof(cut) - 1; len && ((unsigned char)name[len] & 0xc0) == 0x80; len--)
			;
	memcpy(cut, name, len);
	cut[len] = '\0';
	prctl(PR_GET_NAME, before);
	prctl(PR_SET_NAME, cut);
}

/* A socket that holds blocks of a protocol and does nothing else. */
struct holder {
	uint8_t protocol;
	int fd;
};

/* Acquires count ports from first on, or with first 0 any, for the holder of a protocol. */
static int acquire_block(const struct holder *holder, const struct run_args *args, uint16_t first,
			 struct portres_association *block)
{
	char before[COMM_MAX] = "";
	int error;

	if (args->name)
		set_comm(args->name, before);
	error = portres_acquire_tree(holder->fd, first, args->range.count, block);
	if (args->name)
		prctl(PR_SET_NAME, before);
	return error;
}

/* Acquires the block that one holder has for the other one. */
static int acquire_same(const struct holder *holder, const struct run_args *args,
			const struct portres_association *block)
{
	struct portres_association same;

	return acquire_block(holder, args, block->first, &same);
}

/*
 * Any block that is free in both protocols. One that turns out to be free in one of them only is
 * kept until the end, so that the next search passes it.
 */
static int acquire_any(const struct holder *holders, const struct run_args *args,
		       struct portres_association *block)
{
	struct portres_association passed[BOTH_ATTEMPTS];
	unsigned int attempt;
	unsigned int i;
	int error = -EADDRINUSE;

	for (attempt = 0; error == -EADDRINUSE && attempt < BOTH_ATTEMPTS; attempt++) {
		error = acquire_block(&holders[attempt % 2], args, 0, block);
		if (error)
			break;
		error = acquire_same(&holders[1 - attempt % 2], args, block);
		passed[attempt] = *block;
	}
	/* The limits of the user do not allow for more blocks that are passed. */
	if (error == -EDQUOT && attempt > 1)
		error = -EADDRINUSE;
	attempt -= !error;
	for (i = 0; i < attempt; i++)
		portres_release(holders[i % 2].fd, passed[i].token);
	return error;
}

static int acquire(const struct holder *holders, const struct run_args *args,
		   struct portres_association *block)
{
	int error;

	if (args->protocol == PORTRES_BOTH && !args->range.first)
		return acquire_any(holders, args, block);
	error = acquire_block(&holders[0], args, args->range.first, block);
	if (error || args->protocol != PORTRES_BOTH)
		return error;
	error = acquire_same(&holders[1], args, block);
	if (error)
		portres_release(holders[0].fd, block->token);
	return error;
}

static void print_acquire_error(struct portres *handle, const struct run_args *args, int error)
{
	if (error == -EADDRINUSE && args->range.first)
		print_block_taken_error(handle, args->protocol, &args->range);
	else if (error == -EADDRINUSE)
		print_error("no %u free ports in a row in the ephemeral range%s: ask for fewer, or "
			    "for a range", args->range.count,
			    args->protocol == PORTRES_BOTH ? " that are free in both protocols" :
							     "");
	else if (error == -EOPNOTSUPP && args->protocol != IPPROTO_UDP)
		print_error("TCP ports cannot be reserved here: the portres module is older than "
			    "this command, or cannot guard TCP, which \"portres add tcp\" explains");
	else if (error == -EINVAL)
		print_error("the portres module cannot do that: it is older than this command, or "
			    "no module is loaded");
	else if (error == -EACCES)
		print_error("ports below net.ipv4.ip_unprivileged_port_start need "
			    "CAP_NET_BIND_SERVICE");
	else
		print_error("%s", portres_strerror(error));
}

/* Copies a word with {first} and {last} replaced by the ports. */
static char *replace_ports(const char *word, const struct portres_association *block)
{
	const unsigned int last = block->first + block->count - 1U;
	char *copy = check_alloc(malloc(strlen(word) + 1));
	char *to = copy;

	/* No port has more characters than "{last}". */
	while (*word) {
		if (strncmp(word, "{first}", 7) == 0) {
			to += sprintf(to, "%u", block->first);
			word += 7;
		} else if (strncmp(word, "{last}", 6) == 0) {
			to += sprintf(to, "%u", last);
			word += 6;
		} else {
			*to++ = *word++;
		}
	}
	*to = '\0';
	return copy;
}

static void set_number(const char *name, unsigned int value)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", value);
	if (setenv(name, text, 1) == 0)
		return;
	print_error("out of memory");
	exit(RUN_FAILED);
}

static int run_command(const struct holder *holders, unsigned int count, char **command,
		       const struct portres_association *block)
{
	int kept[PORTRES_HALVES];
	unsigned int i;
	char **word;

	for (word = command; *word; word++)
		*word = replace_ports(*word, block);
	set_number("PORTRES_FIRST", block->first);
	set_number("PORTRES_LAST", block->first + block->count - 1U);
	set_number("PORTRES_COUNT", block->count);
	/* In the order in which they were opened, which is ascending. */
	for (i = 0; i < count; i++)
		kept[i] = holders[i].fd;
	return supervise(kept, count, command);
}

/* Returns a descriptor or a negative errno. */
static int open_holder(uint8_t protocol)
{
	int type = (protocol == IPPROTO_TCP ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC;
	int fd = socket(AF_INET, type, protocol);

	if (fd < 0)
		fd = socket(AF_INET6, type, protocol);
	return fd < 0 ? -errno : fd;
}

/* Opens a holder for each protocol: how many, or a negative errno. */
static int open_holders(uint8_t protocol, struct holder holders[PORTRES_HALVES])
{
	uint8_t halves[PORTRES_HALVES];
	unsigned int count = portres_protocol_halves(protocol, halves);
	unsigned int i;

	for (i = 0; i < count; i++) {
		holders[i].protocol = halves[i];
		holders[i].fd = open_holder(halves[i]);
		if (holders[i].fd < 0)
			return holders[i].fd;
	}
	return (int)count;
}

int cmd_run(const struct call *call)
{
	struct portres_association block = { 0 };
	struct holder holders[PORTRES_HALVES] = { { 0 } };
	struct portres *handle;
	struct run_args args;
	parse_reason reason;
	int count;
	int error;

	if (!parse_run(call, &args, reason)) {
		print_usage_error("%s", reason);
		return RUN_FAILED;
	}
	if (!open_handle(call, &handle))
		return RUN_FAILED;
	count = open_holders(args.protocol, holders);
	error = count < 0 ? count : acquire(holders, &args, &block);
	if (count < 0)
		print_error("cannot open a socket: %s", strerror(-count));
	else if (error == -ENOSYS)
		print_library_error(error, "");
	else if (error)
		print_acquire_error(handle, &args, error);
	portres_close(handle);
	return error ? RUN_FAILED :
		       run_command(holders, (unsigned int)count, args.command, &block);
}
