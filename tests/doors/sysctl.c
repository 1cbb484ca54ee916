// SPDX-License-Identifier: GPL-2.0-only
/* The door of the sysctls: numbers that mean something, numbers that do not, and any text. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "chance.h"
#include "doors.h"
#include "env.h"
#include "tap.h"

static const char letters[] = "0123456789 -+x\t\n,.ae#/%%\r";
/* The kernel says what it does not know; nothing in it must look like a complaint. */
static const char parameter_letters[] = "abcxyz0123456789=., \t\n-_\"'\\/%";

static size_t draw_text(char *text, size_t room, const char *from, size_t count)
{
	size_t len = once_in(8) ? draw(room) : draw(16), i;

	for (i = 0; i < len; i++)
		text[i] = from[draw(count)];
	text[len] = '\0';
	return len;
}

static bool is_legal(int sysctl, long value)
{
	if (sysctl == DENIED_ERRNO)
		return value == EADDRINUSE || value == EACCES;
	return value >= 0 && value <= 65535;
}

static long read_value(const struct world *world, int sysctl)
{
	char text[32] = "";

	if (pread(world->sysctls[sysctl], text, sizeof(text) - 1, 0) < 1)
		wrong("the sysctl cannot be read: %s", strerror(errno));
	return atol(text);
}

/* One of the values that it is good for, so that it changes often. */
static void write_number(struct world *world, int sysctl)
{
	static const unsigned int bounds[] = {
		0, 1, 3, 8, 16, 16, 40, 40, 128, 4096, 65535, 65536,
	};
	struct actor who = draw_actor();
	unsigned int value = bounds[draw(ARRAY_SIZE(bounds))];
	int len, error, wanted = 0;

	if (sysctl == DENIED_ERRNO)
		value = once_in(2) ? EADDRINUSE : once_in(4) ? draw(140) : EACCES;
	if (!is_admin(world, who.uid))
		wanted = EPERM;
	else if (!is_legal(sysctl, value))
		wanted = EINVAL;
	len = sprintf(arena, once_in(2) ? "%u" : " %u\n", value);
	note("user %u writes %u to sysctl %d", who.uid, value, sysctl);
	error = -call_as(who, SYS_pwrite64, world->sysctls[sysctl], (long)arena, len, 0, 0);
	expect(error < 0 ? 0 : error, wanted, "a sysctl");
	if (!wanted)
		world->values[sysctl] = value;
	if (read_value(world, sysctl) != (long)world->values[sysctl])
		wrong("the sysctl is %ld, not %u", read_value(world, sysctl),
		      world->values[sysctl]);
}

/* Whatever it is, it makes the value another legal one, or leaves it. */
static void write_text(struct world *world, int sysctl)
{
	struct actor who = draw_actor();
	size_t len = draw_text(arena, ARENA - 1, letters, sizeof(letters) - 1);
	char *text = once_in(16) ? arena + ARENA - draw(8) : arena;
	long offset = once_in(4) ? (long)draw_edge() : 0, done, value;

	if (once_in(8))
		len = draw_edge() & 0xffff;
	mutants++;
	note("user %u writes %zu bytes at %ld to sysctl %d", who.uid, len, offset, sysctl);
	done = call_as(who, SYS_pwrite64, world->sysctls[sysctl], (long)text, len, offset, 0);
	value = read_value(world, sysctl);
	if (!is_legal(sysctl, value))
		wrong("the sysctl has become %ld", value);
	if ((done < 0 || offset) && value != (long)world->values[sysctl])
		wrong("the sysctl has changed");
	world->values[sysctl] = value;
	call_as(who, SYS_pread64, world->sysctls[sysctl], (long)text, len, offset, 0);
}

void sysctl_input(struct world *world)
{
	int sysctl = draw(SYSCTLS);

	if (once_in(2))
		write_number(world, sysctl);
	else
		write_text(world, sysctl);
}

static int load_with(const char *file, const char *parameters)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC), error;

	if (fd < 0)
		tap_bail("cannot open %s: %s", file, strerror(errno));
	error = syscall(SYS_finit_module, fd, parameters, 0) ? errno : 0;
	close(fd);
	return error;
}

/* There are none: whatever is told is passed over, and the module comes and goes. */
void parameter_inputs(void)
{
	char file[256] = "", text[600];
	FILE *pipe = popen("modinfo -n portres", "re");
	int i, error;

	if (!pipe || !fgets(file, sizeof(file), pipe) || pclose(pipe))
		tap_bail("modinfo does not find the module");
	file[strcspn(file, "\n")] = '\0';
	for (i = 0; i < 6 && !gone_wrong; i++) {
		draw_text(text, sizeof(text), parameter_letters, sizeof(parameter_letters) - 1);
		note("load with %s", text);
		inputs++;
		mutants++;
		error = load_with(file, text);
		if (error && error != EINVAL && error != ENOSPC)
			wrong("loading answers %s", errno_name(error));
		if (!error && !module_unloads())
			wrong("the module stays");
	}
}
