// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads get_port of the protos of UDP and TCP, and connect of those of TCP, in the kernel's memory.
 * Where they lie in them is found by their value, which is either the kernel's function or the
 * module's. Of TCP's copies for sockmaps those of IPv4 come first; those of IPv6 are not there
 * before somebody uses them.
 */
#include "protos.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tap.h"

/* Far enough for the two protos of a sockmap, one behind the other. */
#define WORDS 256
#define KCORE "/proc/kcore"

#define NAMES(_object, _original, _entry) \
	{ .object = (_object), .original = (_original), .entry = (_entry) }

static struct proto {
	const char *object, *original, *entry;
	uint64_t at, theirs, ours;
	uint64_t field;	/* in KCORE */
} protos[PROTOS] = {
	NAMES("udp_prot", "udp_v4_get_port", "portres_udp_get_port_v4"),
	NAMES("udp_bpf_prots", "udp_v4_get_port", "portres_udp_get_port_v4_sockmap"),
	NAMES("udpv6_prot", "udp_v6_get_port", "portres_udp_get_port_v6"),
	NAMES("udp_bpf_prots", "udp_v6_get_port", "portres_udp_get_port_v6_sockmap"),
	NAMES("tcp_prot", "inet_csk_get_port", "portres_tcp_get_port_v4"),
	NAMES("tcp_prot", "tcp_v4_connect", "portres_tcp_connect_v4"),
	NAMES("tcp_bpf_prots", "inet_csk_get_port", "portres_tcp_get_port_v4"),
	NAMES("tcp_bpf_prots", "tcp_v4_connect", "portres_tcp_connect_v4"),
	NAMES("tcpv6_prot", "inet_csk_get_port", "portres_tcp_get_port_v6"),
	NAMES("tcpv6_prot", "tcp_v6_connect", "portres_tcp_connect_v6"),
};

static int kcore = -1;
static bool wide;	/* a kernel of 64 bits */

static size_t pointer_size(void)
{
	return wide ? sizeof(uint64_t) : sizeof(uint32_t);
}

static void note_symbol(const char *name, uint64_t address, int ours)
{
	int i;

	for (i = 0; i < PROTOS; i++) {
		struct proto *proto = &protos[i];

		if (ours && !strcmp(name, proto->entry))
			proto->ours = address;
		else if (!ours && !strcmp(name, proto->object))
			proto->at = address;
		else if (!ours && !strcmp(name, proto->original))
			proto->theirs = address;
	}
}

static void read_symbols(void)
{
	FILE *file = fopen("/proc/kallsyms", "re");
	char line[512], name[256], module[64];
	unsigned long long address;

	if (!file)
		tap_bail("no symbols of the kernel: %s", strerror(errno));
	while (fgets(line, sizeof(line), file)) {
		int n = sscanf(line, "%llx %*c %255s [%63[^]]", &address, name, module);

		if (n == 2 || (n == 3 && !strcmp(module, "portres")))
			note_symbol(name, address, n == 3);
	}
	fclose(file);
}

static void read_at(uint64_t at, void *to, size_t size)
{
	if (pread64(kcore, to, size, (off64_t)at) != (ssize_t)size)
		tap_bail("cannot read " KCORE " at %#llx: %s", (unsigned long long)at,
			 strerror(errno));
}

/* A pointer of the kernel, which need not have as many bits as this program's. */
static uint64_t pointer_at(uint64_t at)
{
	uint64_t long_one;
	uint32_t short_one;

	if (wide)
		read_at(at, &long_one, sizeof(long_one));
	else
		read_at(at, &short_one, sizeof(short_one));
	return wide ? long_one : short_one;
}

static void read_part(uint64_t at, Elf64_Phdr *part)
{
	Elf32_Phdr narrow;

	if (wide) {
		read_at(at, part, sizeof(*part));
		return;
	}
	read_at(at, &narrow, sizeof(narrow));
	*part = (Elf64_Phdr){ .p_type = narrow.p_type, .p_vaddr = narrow.p_vaddr,
			      .p_offset = narrow.p_offset, .p_filesz = narrow.p_filesz };
}

/* Where an address of the kernel is in KCORE. */
static uint64_t offset_of(uint64_t address)
{
	Elf64_Ehdr header;
	Elf32_Ehdr narrow;
	int i, parts;

	read_at(0, &header, sizeof(header));
	memcpy(&narrow, &header, sizeof(narrow));
	wide = header.e_ident[EI_CLASS] == ELFCLASS64;
	parts = wide ? header.e_phnum : narrow.e_phnum;
	for (i = 0; i < parts; i++) {
		Elf64_Phdr part;

		read_part(wide ? header.e_phoff + i * sizeof(part) :
				 narrow.e_phoff + i * sizeof(Elf32_Phdr), &part);
		if (part.p_type == PT_LOAD && address >= part.p_vaddr &&
		    address + WORDS * pointer_size() <= part.p_vaddr + part.p_filesz)
			return part.p_offset + (address - part.p_vaddr);
	}
	tap_bail("address %#llx is not in " KCORE, (unsigned long long)address);
}

static void find_field(struct proto *proto)
{
	uint64_t offset;
	int i;

	if (!proto->at || !proto->theirs || !proto->ours)
		tap_bail("no symbol %s, %s or %s", proto->object, proto->original, proto->entry);
	offset = offset_of(proto->at);
	for (i = 0; i < WORDS; i++) {
		uint64_t value = pointer_at(offset + i * pointer_size());

		if (value == proto->theirs || value == proto->ours) {
			proto->field = offset + i * pointer_size();
			return;
		}
	}
	tap_bail("%s is not found in %s", proto->original, proto->object);
}

bool protos_visible(void)
{
	read_symbols();
	return !access(KCORE, F_OK) && protos[0].at;
}

void protos_find(void)
{
	int i;

	if (kcore < 0)
		kcore = open(KCORE, O_RDONLY | O_CLOEXEC);
	if (kcore < 0)
		tap_bail("cannot open " KCORE ": %s", strerror(errno));
	read_symbols();
	for (i = 0; i < PROTOS; i++)
		find_field(&protos[i]);
}

int protos_hooked(void)
{
	int i, hooked = 0;
	uint64_t value;

	for (i = 0; i < PROTOS; i++) {
		value = pointer_at(protos[i].field);
		if (value == protos[i].ours)
			hooked++;
		else if (value != protos[i].theirs)
			tap_bail("%s has not %s, but somebody else's", protos[i].object,
				 protos[i].original);
	}
	return hooked;
}
