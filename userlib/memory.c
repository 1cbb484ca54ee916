// SPDX-License-Identifier: LGPL-2.1-or-later
/* Memory of the caller that may not be there, which is an error and not the end. */
#include <errno.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "wsa.h"

int portres_copy(void *to, const void *from, size_t size)
{
	struct iovec local = { to, size };
	struct iovec remote = { (void *)from, size };
	int before = errno;
	ssize_t copied;

	if (!to || !from)
		return -EFAULT;
	/* from one's own process: it takes no privilege, and finds faults on either side */
	copied = process_vm_readv(getpid(), &local, 1, &remote, 1, 0);
	if (copied == (ssize_t)size)
		return 0;
	if (copied < 0 && errno != EFAULT) {
		/* a sandbox without that call */
		errno = before;
		memcpy(to, from, size);
		return 0;
	}
	return -EFAULT;
}
