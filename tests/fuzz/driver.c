// SPDX-License-Identifier: GPL-2.0-only
/*
 * Drives a target without libFuzzer: all of the corpus, then a number of mutations of it that are
 * the same each time. Speaks TAP. An input that ends the program is left in a file.
 *
 *   TARGET CORPUS MUTATIONS SEED LEFT
 */
#include <dirent.h>
#include <fcntl.h>
#include <sanitizer/common_interface_defs.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"

#define SIZE_MAX_INPUT 600
#define CORPUS_MAX 256

struct input {
	uint8_t data[SIZE_MAX_INPUT];
	size_t size;
};

static struct input corpus[CORPUS_MAX];
static size_t corpus_size;
static struct input current;
static const char *left;
static uint64_t state;

/* What the grammars are made of. */
static const char *const pieces[] = {
	"udp", "udp ", "name ", "user ", "name \"", "\"", "\\", "\\x", "\\x00", "\\x7f", "#", "\n",
	"\r\n", "\t", "0", "1", "65535", "65536", "4294967295", "4294967294", "-", "+", "udp-",
	"udp-1-1\n", ".new-", ".old-", ".lock", "netns", "'", "\xff", "\xc3\xa9", "root",
	"99999999999999999999", "udp 1-2\n", "for\n", "unit\n", "pid\n", ",",
};

/* xorshift64*: the same on every machine */
static uint32_t draw(uint32_t below)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (uint32_t)((state * 0x2545f4914f6cdd1dULL) >> 32) % below;
}

static void keep_input(void)
{
	int fd = open(left, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd < 0 || write(fd, current.data, current.size) < 0)
		return;
	close(fd);
	fprintf(stderr, "the input is in %s\n", left);
}

static void on_abort(int number)
{
	keep_input();
	signal(number, SIG_DFL);
	raise(number);
}

static void load(const char *path)
{
	DIR *files = opendir(path);
	struct dirent *entry;

	while (files && corpus_size < CORPUS_MAX && (entry = readdir(files))) {
		struct input *input = &corpus[corpus_size];
		int fd = openat(dirfd(files), entry->d_name, O_RDONLY);
		ssize_t size = fd < 0 ? -1 : read(fd, input->data, SIZE_MAX_INPUT);

		if (fd >= 0)
			close(fd);
		if (size < 0)
			continue;
		input->size = (size_t)size;
		corpus_size++;
	}
	if (files)
		closedir(files);
}

static int by_content(const void *a, const void *b)
{
	const struct input *one = a, *two = b;

	if (one->size != two->size)
		return one->size < two->size ? -1 : 1;
	return memcmp(one->data, two->data, one->size);
}

/* Puts bytes in the place of some others. */
static void put_bytes(size_t at, size_t away, const void *bytes, size_t count)
{
	size_t tail = current.size - at - away;

	if (at + count + tail > SIZE_MAX_INPUT)
		return;
	memmove(current.data + at + count, current.data + at + away, tail);
	memcpy(current.data + at, bytes, count);
	current.size = at + count + tail;
}

static void mutate(void)
{
	size_t at = draw((uint32_t)current.size + 1);
	size_t rest = current.size - at;
	const struct input *other = &corpus[draw((uint32_t)corpus_size)];
	const char *piece = pieces[draw(sizeof(pieces) / sizeof(pieces[0]))];
	size_t from = draw((uint32_t)other->size + 1);
	uint8_t byte = (uint8_t)draw(256);

	switch (draw(6)) {
	case 0:
		put_bytes(at, rest > 0, &byte, 1);
		break;
	case 1:
		put_bytes(at, draw((uint32_t)(rest < 8 ? rest : 8) + 1), &byte, 0);
		break;
	case 2:
		put_bytes(at, 0, piece, strlen(piece));
		break;
	case 3:
		put_bytes(at, rest < strlen(piece) ? rest : strlen(piece), piece, strlen(piece));
		break;
	case 4:
		put_bytes(at, rest, other->data + from, other->size - from);
		break;
	case 5:
		if (rest)
			current.data[at] ^= (uint8_t)(1U << draw(8));
		break;
	}
}

static void run(void)
{
	/* A copy of its very size: to read behind it is seen. */
	uint8_t *copy = malloc(current.size ? current.size : 1);

	if (!copy)
		abort();
	memcpy(copy, current.data, current.size);
	LLVMFuzzerTestOneInput(copy, current.size);
	free(copy);
}

int main(int argc, char **argv)
{
	unsigned long mutations, i;
	uint32_t times;

	if (argc != 5)
		return 2;
	left = argv[4];
	mutations = strtoul(argv[2], NULL, 10);
	state = strtoul(argv[3], NULL, 10) * 2 + 1;
	signal(SIGABRT, on_abort);
	__sanitizer_set_death_callback(keep_input);
	load(argv[1]);
	qsort(corpus, corpus_size, sizeof(corpus[0]), by_content);
	for (i = 0; i < corpus_size; i++) {
		current = corpus[i];
		run();
	}
	printf("%sok 1 - %zu inputs of the corpus\n", corpus_size ? "" : "not ", corpus_size);
	fflush(stdout);
	for (i = 0; corpus_size && i < mutations; i++) {
		current = corpus[draw((uint32_t)corpus_size)];
		for (times = 1 + draw(5); times; times--)
			mutate();
		run();
	}
	printf("# covered: %zu inputs of the corpus, %lu mutations, seed %s\n", corpus_size, i,
	       argv[3]);
	printf("ok 2 - mutations\n1..2\n");
	return !corpus_size;
}
