// SPDX-License-Identifier: LGPL-2.1-or-later
/* Copies memory at pointers of the caller: an invalid one is an error instead of a signal. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "wsa.h"

/* Needs no privilege for the own process, and detects faults of either pointer. */
static int copy_by_process(void *to, const void *from, size_t size)
{
	struct iovec local = { to, size };
	struct iovec remote = { (void *)from, size };
	ssize_t copied = process_vm_readv(getpid(), &local, 1, &remote, 1, 0);

	if (copied < 0)
		return -errno;
	return copied == (ssize_t)size ? 0 : -EFAULT;
}

/* For sandboxes and kernels without process_vm_readv(). */
static int copy_by_pipe(void *to, const void *from, size_t size)
{
	int error = 0;
	int fds[2];

	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK))
		return -errno;
	if (write(fds[1], from, size) != (ssize_t)size || read(fds[0], to, size) != (ssize_t)size)
		error = -EFAULT;
	close(fds[0]);
	close(fds[1]);
	return error;
}

/* Less than the capacity of a pipe. */
#define PIECE	((size_t)16384)

int portres_copy(void *to, const void *from, size_t size)
{
	int before = errno;
	int error = 0;
	size_t done;

	if (!to || !from)
		return -EFAULT;
	for (done = 0; !error && done < size; done += PIECE) {
		size_t piece = size - done < PIECE ? size - done : PIECE;

		error = copy_by_process((char *)to + done, (const char *)from + done, piece);
		if (error && error != -EFAULT)
			error = copy_by_pipe((char *)to + done, (const char *)from + done, piece);
	}
	errno = before;
	return error;
}
