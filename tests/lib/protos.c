// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads get_port of UDP's protos in the kernel's memory. Where it lies in them is
 * found by its value, which is either the kernel's function or the module's.
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
	off_t field;	/* in KCORE */
} protos[PROTOS] = {
	NAMES("udp_prot", "udp_v4_get_port", "get_port_v4"),
	NAMES("udp_bpf_prots", "udp_v4_get_port", "get_port_v4_sockmap"),
	NAMES("udpv6_prot", "udp_v6_get_port", "get_port_v6"),
	NAMES("udp_bpf_prots", "udp_v6_get_port", "get_port_v6_sockmap"),
};

static int kcore = -1;

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

static void read_at(off_t at, void *to, size_t size)
{
	if (pread(kcore, to, size, at) != (ssize_t)size)
		tap_bail("cannot read " KCORE " at %#llx: %s", (long long)at, strerror(errno));
}

/* Where an address of the kernel is in KCORE. */
static off_t offset_of(uint64_t address)
{
	Elf64_Ehdr header;
	Elf64_Phdr part;
	int i;

	read_at(0, &header, sizeof(header));
	for (i = 0; i < header.e_phnum; i++) {
		read_at(header.e_phoff + i * sizeof(part), &part, sizeof(part));
		if (part.p_type == PT_LOAD && address >= part.p_vaddr &&
		    address + WORDS * sizeof(uint64_t) <= part.p_vaddr + part.p_filesz)
			return part.p_offset + (address - part.p_vaddr);
	}
	tap_bail("address %#llx is not in " KCORE, (unsigned long long)address);
}

static void find_field(struct proto *proto)
{
	uint64_t words[WORDS];
	off_t offset;
	int i;

	if (!proto->at || !proto->theirs || !proto->ours)
		tap_bail("no symbol %s, %s or %s", proto->object, proto->original, proto->entry);
	offset = offset_of(proto->at);
	read_at(offset, words, sizeof(words));
	for (i = 0; i < WORDS; i++) {
		if (words[i] == proto->theirs || words[i] == proto->ours) {
			proto->field = offset + i * sizeof(*words);
			return;
		}
	}
	tap_bail("get_port is not found in %s", proto->object);
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
		read_at(protos[i].field, &value, sizeof(value));
		if (value == protos[i].ours)
			hooked++;
		else if (value != protos[i].theirs)
			tap_bail("%s has a get_port of somebody else", protos[i].object);
	}
	return hooked;
}
