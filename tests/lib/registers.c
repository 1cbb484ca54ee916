// SPDX-License-Identifier: GPL-2.0-only
/* Where each architecture has the number and the result of a system call. */
#include "registers.h"

#include <elf.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>

#include "tap.h"

#define NO_CALL -1

static void regset(int request, pid_t pid, unsigned long set, void *registers, size_t size)
{
	struct iovec vec = { .iov_base = registers, .iov_len = size };

	if (ptrace(request, pid, set, &vec))
		tap_bail("cannot change a register: %s", strerror(errno));
}

#if defined(__aarch64__)
#define REGISTERS struct user_regs_struct
#define RESULT(registers) ((registers).regs[0])
#define CALL_SET NT_ARM_SYSTEM_CALL
#elif defined(__s390x__)
#define REGISTERS struct _user_regs_struct
/* the number before the call, the result behind it */
#define RESULT(registers) ((registers).gprs[2])
#define CALL(registers) ((registers).gprs[2])
#elif defined(__x86_64__)
#define REGISTERS struct user_regs_struct
#define RESULT(registers) ((registers).rax)
#define CALL(registers) ((registers).orig_rax)
#elif defined(__i386__)
#define REGISTERS struct user_regs_struct
#define RESULT(registers) ((registers).eax)
#define CALL(registers) ((registers).orig_eax)
#endif

void registers_skip_call(pid_t pid)
{
#ifdef CALL_SET
	int call = NO_CALL;

	regset(PTRACE_SETREGSET, pid, CALL_SET, &call, sizeof(call));
#else
	REGISTERS registers;

	regset(PTRACE_GETREGSET, pid, NT_PRSTATUS, &registers, sizeof(registers));
	CALL(registers) = NO_CALL;
	regset(PTRACE_SETREGSET, pid, NT_PRSTATUS, &registers, sizeof(registers));
#endif
}

void registers_set_result(pid_t pid, long result)
{
	REGISTERS registers;

	regset(PTRACE_GETREGSET, pid, NT_PRSTATUS, &registers, sizeof(registers));
	RESULT(registers) = (unsigned long)result;
	regset(PTRACE_SETREGSET, pid, NT_PRSTATUS, &registers, sizeof(registers));
}
