// SPDX-License-Identifier: GPL-2.0-only
/*
 * PID 1 of a guest whose power is cut: restores what is on the disk, tells the host what there is
 * then, and has reservations made and ended until the host ends it all.
 *
 * The kernel's command line says seed=N, and forget=file or forget=directory for a machine on
 * which fsync() does nothing for these, to see that it is noticed.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "guest.h"

#define DISK "/dev/vda"

static int host = 2;

void say(const char *format, ...)
{
	char line[1024];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(line, sizeof(line) - 1, format, args);
	va_end(args);
	if (len > (int)sizeof(line) - 2)
		len = sizeof(line) - 2;
	line[len++] = '\n';
	/* One write: the lines of several processes do not mix. */
	if (write(host, line, (size_t)len) == len)
		tcdrain(host);
}

void give_up(const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	say("fault %s", text);
	for (;;)
		pause();
}

/* In the place of libc's, also for the library. */
int fsync(int fd)
{
	const char *forget = getenv("forget");
	struct stat st;

	if (forget && fstat(fd, &st) == 0 &&
	    S_ISDIR(st.st_mode) == (strcmp(forget, "directory") == 0))
		return 0;
	return (int)syscall(SYS_fsync, fd);
}

static void open_port(void)
{
	struct termios mode;
	int fd = open("/dev/ttyS1", O_WRONLY | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return;
	host = fd;
	if (tcgetattr(fd, &mode) == 0) {
		cfmakeraw(&mode);
		tcsetattr(fd, TCSANOW, &mode);
	}
}

/* They have numbers, in the order in which they depend on each other. */
static void load_modules(void)
{
	char path[64];
	int number;
	int fd;

	for (number = 0;; number++) {
		snprintf(path, sizeof(path), "/modules/%d.ko", number);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return;
		if (syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST)
			give_up("cannot load %s: %s", path, strerror(errno));
		close(fd);
	}
}

static void mount_disk(void)
{
	int tries;

	for (tries = 0; access(DISK, F_OK) && tries < 100; tries++)
		usleep(100000);
	/* Nothing gets to the disk because of its age. */
	if (mount(DISK, "/var/lib", "ext4", 0, "commit=600"))
		give_up("cannot mount " DISK ": %s", strerror(errno));
}

/* Runs portres restore and says what it says. */
static void restore(void)
{
	char *const argv[] = { "portres", "restore", NULL };
	char line[512];
	int ends[2];
	FILE *output;
	int status;
	pid_t pid;

	if (pipe(ends))
		give_up("no pipe: %s", strerror(errno));
	pid = fork();
	if (!pid) {
		dup2(ends[1], 1);
		dup2(ends[1], 2);
		execv("/usr/bin/portres", argv);
		_exit(127);
	}
	close(ends[1]);
	output = fdopen(ends[0], "r");
	while (output && fgets(line, sizeof(line), output)) {
		line[strcspn(line, "\n")] = '\0';
		say("restore %s", line);
	}
	fclose(output);
	if (waitpid(pid, &status, 0) != pid)
		give_up("cannot wait: %s", strerror(errno));
	say("restored %d", WIFEXITED(status) ? WEXITSTATUS(status) : 128);
}

static void tell_file(int dir, const char *name)
{
	char text[256], shown[4 * sizeof(text) + 1], *to = shown;
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof(text) / 2);
	ssize_t i;

	if (fd >= 0)
		close(fd);
	*to = '\0';
	for (i = 0; i < len; i++)
		to += sprintf(to, isprint((unsigned char)text[i]) && text[i] != '\\' ? "%c" :
			      "\\x%02x", (unsigned char)text[i]);
	say("stored %s %s", name, shown);
}

static void tell_store(void)
{
	DIR *files = opendir(STATE_DIR);
	struct dirent *entry;

	while (files && (entry = readdir(files)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			tell_file(dirfd(files), entry->d_name);
	if (files)
		closedir(files);
}

int main(void)
{
	const char *seed = getenv("seed");

	mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	mount("proc", "/proc", "proc", 0, NULL);
	mount("sysfs", "/sys", "sysfs", 0, NULL);
	open_port();
	load_modules();
	mount_disk();
	restore();
	tell_kernel();
	tell_store();
	say("ready");
	start_stream(seed ? (unsigned int)strtoul(seed, NULL, 10) : 0);
	for (;;)
		wait(NULL);
}
