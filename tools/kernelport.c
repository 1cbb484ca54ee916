// SPDX-License-Identifier: GPL-2.0-only
/* Looks through interfaces, and through families of generic netlink that have no interface. */
#include <arpa/inet.h>
#include <linux/fou.h>
#include <linux/if_link.h>
#include <linux/l2tp.h>
#include <linux/wireguard.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "kernel/protocol.h"
#include "kernelport.h"
#include "text.h"

/* Interfaces that have the port among the attributes of their kind, in network byte order. */
static const struct {
	const char *kind;
	const char *name;
	int attr;
} kinds[] = {
	{ "vxlan", "VXLAN", IFLA_VXLAN_PORT },
	{ "geneve", "GENEVE", IFLA_GENEVE_PORT },
	{ "bareudp", "bareudp", IFLA_BAREUDP_PORT },
};

struct search {
	uint16_t port;
	struct kernelport *found;
	const char *name;	/* of the interface that is asked about */
};

/* For an interface: the kind of tunnel and its name. */
static void found_link(const struct search *search, const char *kind, const char *name)
{
	char *safe;

	if (search->found->what)
		return;
	safe = safe_text(name);
	search->found->what = format_text("%s %s", kind, safe);
	search->found->advice = format_text("ip link set %s down", safe);
	free(safe);
}

static void found_other(const struct search *search, char *what, char *advice)
{
	if (search->found->what) {
		free(what);
		free(advice);
		return;
	}
	search->found->what = what;
	search->found->advice = advice;
}

static void on_wireguard(struct nlattr *const attrs[ASK_ATTRS], void *arg)
{
	const struct search *search = arg;
	const struct nlattr *port = attrs[WGDEVICE_A_LISTEN_PORT];

	if (port && nla_get_u16(port) == search->port)
		found_link(search, "WireGuard", search->name);
}

static void check_wireguard(struct search *search, const char *name)
{
	static const struct ask_family wireguard = {
		WG_GENL_NAME, WG_CMD_GET_DEVICE, WG_GENL_VERSION, WGDEVICE_A_IFINDEX
	};

	search->name = name;
	ask_family(&wireguard, if_nametoindex(name), on_wireguard, search);
}

/* Writes the port that an interface of a kind has. Returns whether there is one. */
static bool link_port(struct nlattr *info_data, int type, uint16_t *port)
{
	struct nlattr *attr = info_data ? nla_find(nla_data(info_data), nla_len(info_data), type) :
					  NULL;

	if (!attr || nla_len(attr) < (int)sizeof(*port))
		return false;
	*port = ntohs(nla_get_u16(attr));
	return true;
}

static void on_link(struct nlattr *const attrs[ASK_ATTRS], void *arg)
{
	struct nlattr *info[IFLA_INFO_MAX + 1] = { NULL };
	struct search *search = arg;
	const char *name;
	const char *kind;
	uint16_t port;
	size_t i;

	if (!attrs[IFLA_LINKINFO] || !attrs[IFLA_IFNAME] ||
	    nla_parse_nested(info, IFLA_INFO_MAX, attrs[IFLA_LINKINFO], NULL) < 0 ||
	    !info[IFLA_INFO_KIND])
		return;
	name = nla_get_string(attrs[IFLA_IFNAME]);
	kind = nla_get_string(info[IFLA_INFO_KIND]);
	if (strcmp(kind, "wireguard") == 0)
		check_wireguard(search, name);
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kind, kinds[i].kind) == 0 &&
		    link_port(info[IFLA_INFO_DATA], kinds[i].attr, &port) && port == search->port)
			found_link(search, kinds[i].name, name);
}

static void on_l2tp(struct nlattr *const attrs[ASK_ATTRS], void *arg)
{
	const struct search *search = arg;
	uint32_t id;

	if (!attrs[L2TP_ATTR_UDP_SPORT] || !attrs[L2TP_ATTR_CONN_ID] ||
	    nla_get_u16(attrs[L2TP_ATTR_UDP_SPORT]) != search->port)
		return;
	id = nla_get_u32(attrs[L2TP_ATTR_CONN_ID]);
	found_other(search, format_text("L2TP tunnel %u", id),
		    format_text("ip l2tp del tunnel tunnel_id %u", id));
}

static void on_fou(struct nlattr *const attrs[ASK_ATTRS], void *arg)
{
	const struct search *search = arg;

	if (attrs[FOU_ATTR_PORT] && ntohs(nla_get_u16(attrs[FOU_ATTR_PORT])) == search->port)
		found_other(search, check_alloc(strdup("foo over UDP")),
			    format_text("ip fou del port %u", search->port));
}

static bool sysctl_is(const char *path, uint16_t port)
{
	FILE *file = fopen(path, "re");
	unsigned int value = 0;
	bool is;

	if (!file)
		return false;
	is = fscanf(file, "%u", &value) == 1 && value == port;
	fclose(file);
	return is;
}

/* The server has a list of its ports, a line each: "udp 2049". */
static bool server_has(uint8_t protocol, uint16_t port)
{
	FILE *file = fopen("/proc/fs/nfsd/portlist", "re");
	bool has = false;
	unsigned int number;
	char word[16];

	while (file && !has && fscanf(file, "%15s %u%*[^\n]", word, &number) == 2)
		has = number == port && strcmp(word, portres_protocol_word(protocol)) == 0;
	if (file)
		fclose(file);
	return has;
}

static void check_nfs(const struct search *search, uint8_t protocol)
{
	const char *lockd = protocol == IPPROTO_TCP ? "/proc/sys/fs/nfs/nlm_tcpport" :
						      "/proc/sys/fs/nfs/nlm_udpport";

	if (server_has(protocol, search->port))
		found_other(search, check_alloc(strdup("the NFS server")),
			    check_alloc(strdup("systemctl stop nfs-server.service")));
	if (sysctl_is(lockd, search->port))
		found_other(search, check_alloc(strdup("NFS lockd")),
			    check_alloc(strdup("systemctl stop nfs-server.service, and unmount "
					       "what is mounted by NFS version 3")));
}

void kernelport_find(uint8_t protocol, uint16_t port, struct kernelport *found)
{
	static const struct ask_family l2tp = {
		L2TP_GENL_NAME, L2TP_CMD_TUNNEL_GET, L2TP_GENL_VERSION, 0
	};
	static const struct ask_family fou = { FOU_GENL_NAME, FOU_CMD_GET, FOU_GENL_VERSION, 0 };
	struct search search = { .port = port, .found = found };

	memset(found, 0, sizeof(*found));
	if (protocol == IPPROTO_UDP) {
		ask_links(on_link, &search);
		ask_family(&l2tp, 0, on_l2tp, &search);
		ask_family(&fou, 0, on_fou, &search);
	}
	check_nfs(&search, protocol);
}

void kernelport_free(struct kernelport *found)
{
	free(found->what);
	free(found->advice);
	memset(found, 0, sizeof(*found));
}
