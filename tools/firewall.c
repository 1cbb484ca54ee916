// SPDX-License-Identifier: GPL-2.0-only
/*
 * Prints rules for nft(8). NAT knows of no socket: it gives a forwarded flow any source port that
 * no other flow has, and replies to that port then go to the flow and not to the owner's socket.
 *
 * Only the rules of others know which flows they translate, and a flow is translated once. So one
 * chain behind theirs finds a new flow that got a reserved port, remembers where it comes from and
 * drops the packet, and with it what conntrack knows of the flow. When the packet is repeated, a
 * chain before theirs translates the flow to the same address and to ports that are not reserved.
 */
#include <stdio.h>
#include <stdlib.h>

#include "firewall.h"

#define LOWEST 1024	/* NAT gives lower ports to flows from lower ports only */

/* How many flows are remembered, for how long. */
#define FLOWS 65536
#define MINUTES 10

/* Finds most consecutive ports that are not reserved. Returns false if all of them are. */
static bool find_others(const struct portset *reserved, struct range *others)
{
	const struct range low = { 1, LOWEST - 1 };
	struct portset taken = *reserved;
	unsigned int from;
	struct range gap;

	portset_add(&taken, &low);
	others->count = 0;
	for (from = 1; portset_next_gap(&taken, from, &gap); from = range_last(&gap) + 1U)
		if (gap.count > others->count)
			*others = gap;
	return others->count;
}

static void print_blocks(const char *protocol, const struct portset *reserved)
{
	struct range run;
	unsigned int from;

	printf("\tset %s_blocks {\n\t\ttype inet_service\n\t\tflags interval\n", protocol);
	if (portset_next_run(reserved, 1, &run))
		printf("\t\telements = {");
	for (from = 1; portset_next_run(reserved, from, &run); from = range_last(&run) + 1U) {
		printf("%s\n\t\t\t%u", from > 1 ? "," : "", run.first);
		if (run.count > 1)
			printf("-%u", range_last(&run));
	}
	printf("%s\t}\n", from > 1 ? "\n\t\t}\n" : "");
}

static void print_flows(const char *protocol)
{
	static const char limits[] = "\t\tflags dynamic,timeout\n";

	printf("\tmap %s_flows4 {\n\t\ttype ipv4_addr . inet_service : ipv4_addr\n\t\tsize %d\n"
	       "%s\t\ttimeout %dm\n\t}\n", protocol, FLOWS, limits, MINUTES);
	printf("\tset %s_flows6 {\n\t\ttype ipv6_addr . inet_service\n\t\tsize %d\n"
	       "%s\t\ttimeout %dm\n\t}\n", protocol, FLOWS, limits, MINUTES);
}

static void print_choice(const char *protocol, const struct portset *reserved)
{
	struct range others;

	if (!find_others(reserved, &others))
		return;
	/* What a socket of this machine sends keeps its port. */
	printf("\t\tfib saddr type != local meta l4proto %s "
	       "snat ip to ip saddr . %s sport map @%s_flows4 : %u-%u\n",
	       protocol, protocol, protocol, others.first, range_last(&others));
	printf("\t\tfib saddr type != local ip6 saddr . %s sport @%s_flows6 "
	       "masquerade to :%u-%u\n", protocol, protocol, others.first,
	       range_last(&others));
}

static void print_refusal(const char *protocol)
{
	/* "new" and "snat": replies and what is sent from here unchanged pass. */
	printf("\t\tct state new ct status snat meta nfproto ipv4 meta l4proto %s "
	       "ct reply proto-dst @%s_blocks update @%s_flows4 "
	       "{ ct original ip saddr . ct original proto-src : ct reply ip daddr } drop\n",
	       protocol, protocol, protocol);
	printf("\t\tct state new ct status snat meta nfproto ipv6 meta l4proto %s "
	       "ct reply proto-dst @%s_blocks update @%s_flows6 "
	       "{ ct original ip6 saddr . ct original proto-src } drop\n",
	       protocol, protocol, protocol);
}

void print_firewall(const struct portset *udp, const struct portset *tcp)
{
	puts("# Printed by \"portres export nft\", for \"nft -f\". "
	     "It replaces what was loaded before.\n"
	     "table inet portres\n"
	     "delete table inet portres\n"
	     "table inet portres {");
	print_blocks("udp", udp);
	print_blocks("tcp", tcp);
	print_flows("udp");
	print_flows("tcp");
	puts("\tchain choose {\n\t\ttype nat hook postrouting priority srcnat - 1; policy accept;");
	print_choice("udp", udp);
	print_choice("tcp", tcp);
	puts("\t}\n\tchain refuse {\n"
	     "\t\ttype filter hook postrouting priority srcnat + 1; policy accept;");
	print_refusal("udp");
	print_refusal("tcp");
	puts("\t}\n}");
}
