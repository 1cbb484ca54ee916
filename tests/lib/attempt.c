// SPDX-License-Identifier: GPL-2.0-only
/* Attempts of sockets to get a port. */
#include "attempt.h"

#include <errno.h>
#include <string.h>
#include <sys/time.h>

#include "env.h"
#include "sock.h"
#include "tap.h"

#define INTERFACE "dummy0"
#define PEER_PORT 9

const char *const kind_names[] = { "UDP", "UDP-Lite", "TCP" };
const char *const family_names[] = { "v4", "v6", "v6only", "v4-mapped" };
const char *const address_names[] = { "any", "loopback", "specific", "multicast", "broadcast" };
const char *const reuse_names[] = {
	"no flags", "SO_REUSEADDR", "SO_REUSEPORT", "both reuse flags", "SO_BINDTODEVICE"
};

static const int types[] = { SOCK_DGRAM, SOCK_DGRAM, SOCK_STREAM };
static const int protocols[] = { IPPROTO_UDP, IPPROTO_UDPLITE, IPPROTO_TCP };

static const char *const addresses[FAMILIES][ADDRESSES] = {
	[V4] = { "0.0.0.0", "127.0.0.1", "192.0.2.1", "233.252.0.1", "192.0.2.255" },
	[V6] = { "::", "::1", "2001:db8::1", "ff05::1234", NULL },
	[V6ONLY] = { "::", "::1", "2001:db8::1", "ff05::1234", NULL },
	[MAPPED] = { "::ffff:0.0.0.0", "::ffff:127.0.0.1", "::ffff:192.0.2.1",
		     "::ffff:233.252.0.1", "::ffff:192.0.2.255" },
};

void attempt_network(void)
{
	if (run("ip link add " INTERFACE " type dummy && "
		"ip addr add 192.0.2.1/24 broadcast 192.0.2.255 dev " INTERFACE " && "
		"ip addr add 2001:db8::1/64 dev " INTERFACE " nodad && "
		"ip link set " INTERFACE " up && "
		"ip route add 224.0.0.0/4 dev " INTERFACE))
		tap_bail("cannot set up the interface " INTERFACE);
}

bool attempt_kind_exists(enum kind kind)
{
	return protocol_exists(protocols[kind]);
}

bool attempt_exists(const struct attempt *attempt)
{
	if (!addresses[attempt->family][attempt->address])
		return false;
	if (attempt->kind != TCP)
		return attempt->way != LISTEN;
	if (attempt->way == LISTEN)
		return attempt->address == ANY && attempt->family != MAPPED;
	/* to send is not to bind, and a handshake would be waited for in vain */
	return attempt->way != SENDTO && !(attempt->way == CONNECT && attempt->reuse == DEVICE);
}

int attempt_open(const struct attempt *attempt)
{
	int fd = sock_open(attempt->family == V4 ? AF_INET : AF_INET6, types[attempt->kind],
			   protocols[attempt->kind]);

	if (attempt->family != V4)
		sock_set(fd, SOL_IPV6, IPV6_V6ONLY, attempt->family == V6ONLY);
	if (attempt->reuse == REUSEADDR || attempt->reuse == BOTH)
		sock_set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (attempt->reuse == REUSEPORT || attempt->reuse == BOTH)
		sock_set(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	if (attempt->reuse == DEVICE &&
	    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, INTERFACE, sizeof(INTERFACE)))
		tap_bail("cannot bind a socket to " INTERFACE ": %s", strerror(errno));
	return fd;
}

struct outcome attempt_make(int fd, const struct attempt *attempt)
{
	const char *text = addresses[attempt->family][attempt->address];
	struct outcome outcome;

	switch (attempt->way) {
	case EXPLICIT:
		outcome.error = sock_bind(fd, text, attempt->port);
		break;
	case ZERO:
		outcome.error = sock_bind(fd, text, 0);
		break;
	case CONNECT:
		outcome.error = sock_connect(fd, text, PEER_PORT);
		break;
	case LISTEN:
		outcome.error = listen(fd, 1) ? errno : 0;
		break;
	default:
		outcome.error = sock_sendto(fd, text, PEER_PORT);
	}
	outcome.port = sock_port(fd);
	return outcome;
}
