// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Events: an event is an eventfd, whose descriptor is the handle. Only the program sets and resets
 * it. WSAEventSelect(), which records events of a socket, is not implemented.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "wsa.h"

/* WSA_INVALID_EVENT is 0. */
#define LOWEST_HANDLE	3

static int event_fd(WSAEVENT event)
{
	return portres_fd((SOCKET)event);
}

/* Checks by /proc, if it is mounted, so that no eight bytes are written to another file. */
static bool is_event(int fd)
{
	static const char wanted[] = "anon_inode:[eventfd]";
	char path[32];
	char name[sizeof(wanted)];
	ssize_t size;

	if (fd < LOWEST_HANDLE || fcntl(fd, F_GETFD) < 0)
		return false;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	size = readlink(path, name, sizeof(name));
	return size < 0 || (size == sizeof(wanted) - 1 && !memcmp(name, wanted, (size_t)size));
}

static BOOL event_fail(DWORD code)
{
	portres_wsa_fail(code);
	return FALSE;
}

WSAEVENT portres_win32_WSACreateEvent(void)
{
	int made;
	int fd;

	if (!portres_wsa_started())
		return WSA_INVALID_EVENT;
	made = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	fd = made < 0 || made >= LOWEST_HANDLE ? made :
		fcntl(made, F_DUPFD_CLOEXEC, LOWEST_HANDLE);
	if (fd != made)
		close(made);
	if (fd < 0) {
		portres_wsa_fail(WSA_NOT_ENOUGH_MEMORY);
		return WSA_INVALID_EVENT;
	}
	return (WSAEVENT)(uintptr_t)fd;
}

BOOL portres_win32_WSACloseEvent(WSAEVENT hEvent)
{
	if (!portres_wsa_started())
		return FALSE;
	if (!is_event(event_fd(hEvent)))
		return event_fail(WSA_INVALID_HANDLE);
	close(event_fd(hEvent));
	return TRUE;
}

/* EAGAIN: the counter is full, so the event is already set. */
BOOL portres_win32_WSASetEvent(WSAEVENT hEvent)
{
	if (!portres_wsa_started())
		return FALSE;
	if (!is_event(event_fd(hEvent)) ||
	    (eventfd_write(event_fd(hEvent), 1) && errno != EAGAIN))
		return event_fail(WSA_INVALID_HANDLE);
	return TRUE;
}

BOOL portres_win32_WSAResetEvent(WSAEVENT hEvent)
{
	eventfd_t count;

	if (!portres_wsa_started())
		return FALSE;
	if (!is_event(event_fd(hEvent)) ||
	    (eventfd_read(event_fd(hEvent), &count) && errno != EAGAIN))
		return event_fail(WSA_INVALID_HANDLE);
	return TRUE;
}

static long long event_now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000LL + time.tv_nsec / 1000000;
}

/* Returns the number of events that are set; *first is the index of the first one. */
static DWORD count_set(struct pollfd *fds, DWORD count, DWORD *first)
{
	DWORD set = 0;
	DWORD i;

	for (i = count; i > 0; i--) {
		if (!(fds[i - 1].revents & POLLIN))
			continue;
		*first = i - 1;
		set++;
	}
	return set;
}

/*
 * To wait for all events, wait for those that are not set, then poll all of them at once, since
 * some may have been reset meanwhile. poll() skips a negative descriptor.
 */
static DWORD event_wait(struct pollfd *fds, DWORD count, bool all, DWORD timeout)
{
	long long end = event_now() + timeout;
	struct pollfd missing[WSA_MAXIMUM_WAIT_EVENTS];
	DWORD first = 0;
	DWORD set;
	DWORD i;

	for (;;) {
		long long rest = end - event_now();

		if (poll(fds, count, 0) < 0 && errno != EINTR)
			return WSA_WAIT_FAILED;
		set = count_set(fds, count, &first);
		if (set == count || (set && !all))
			return WSA_WAIT_EVENT_0 + first;
		if (timeout != WSA_INFINITE && rest <= 0)
			return WSA_WAIT_TIMEOUT;
		for (i = 0; i < count; i++) {
			missing[i] = fds[i];
			if (fds[i].revents & POLLIN)
				missing[i].fd = -1;
		}
		if (timeout == WSA_INFINITE)
			rest = -1;
		poll(missing, count, rest > INT_MAX ? INT_MAX : (int)rest);
	}
}

DWORD portres_win32_WSAWaitForMultipleEvents(DWORD cEvents, const WSAEVENT *lphEvents,
					     BOOL fWaitAll, DWORD dwTimeout, BOOL fAlertable)
{
	struct pollfd fds[WSA_MAXIMUM_WAIT_EVENTS];
	DWORD result;
	DWORD i;

	/* no operation is overlapped, so no completion routine is due */
	(void)fAlertable;
	if (!portres_wsa_started())
		return WSA_WAIT_FAILED;
	if (!cEvents || cEvents > WSA_MAXIMUM_WAIT_EVENTS) {
		portres_wsa_fail(WSA_INVALID_PARAMETER);
		return WSA_WAIT_FAILED;
	}
	for (i = 0; i < cEvents; i++) {
		WSAEVENT event;

		if (portres_copy(&event, &lphEvents[i], sizeof(event)) ||
		    !is_event(event_fd(event))) {
			portres_wsa_fail(WSA_INVALID_HANDLE);
			return WSA_WAIT_FAILED;
		}
		fds[i] = (struct pollfd){ .fd = event_fd(event), .events = POLLIN };
	}
	result = event_wait(fds, cEvents, fWaitAll, dwTimeout);
	if (result == WSA_WAIT_FAILED)
		portres_wsa_fail(WSA_NOT_ENOUGH_MEMORY);
	return result;
}
