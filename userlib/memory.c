// SPDX-License-Identifier: LGPL-2.1-or-later
/* Memory of the caller that may not be there, which is an error and not the end. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "wsa.h"

/* One's own process: that takes no privilege, and finds faults on either side. */
static int copy_by_process(void *to, const void *from, size_t size)
{
	struct iovec local = { to, size };
	struct iovec remote = { (void *)from, size };
	ssize_t copied = process_vm_readv(getpid(), &local, 1, &remote, 1, 0);

	if (copied < 0)
		return -errno;
	return copied == (ssize_t)size ? 0 : -EFAULT;
}

/* Where a sandbox or the kernel is without that call. A pipe has room for all that is copied. */
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

int portres_copy(void *to, const void *from, size_t size)
{
	int before = errno;
	int error;

	if (!to || !from)
		return -EFAULT;
	error = copy_by_process(to, from, size);
	if (error && error != -EFAULT)
		error = copy_by_pipe(to, from, size);
	errno = before;
	return error;
}
