/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* System calls and signals. */
#ifndef PORTRES_INTERRUPT_H
#define PORTRES_INTERRUPT_H

#include <errno.h>

/* Repeats a system call that fails with EINTR. */
#define RETRY(call) ({						\
	__typeof__(call) _result;				\
								\
	do {							\
		_result = (call);				\
	} while (_result == -1 && errno == EINTR);		\
	_result;						\
})

#endif /* PORTRES_INTERRUPT_H */
