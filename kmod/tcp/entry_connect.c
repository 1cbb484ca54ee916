// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is put into the protos of TCP in place of connect.
 *
 * A connect can stay in the kernel for as long as its caller likes: tcp_send_syn_data() copies user
 * memory, which userfaultfd or FUSE may deliver late or never. Unloading the module must not wait
 * for that. So for a socket that has its port the kernel's connect is called by a jump, which
 * leaves no way back into the module, and nothing here counts the task. The compiler makes jumps of
 * calls only if it is told to and if nothing is to be done after them: Kbuild says so for this
 * file, and leaves out whatever instruments functions. tests/build/tail-calls looks at the result.
 */
#include "entry.h"

struct portres_tcp_original portres_tcp_original[PORTRES_TCP_FAMILIES] __read_mostly;

/**
 * portres_tcp_connect_v4 - connect of the protos of IPv4
 * @sk: the socket, locked
 * @addr: where to
 * @len: size of @addr
 *
 * Return: as the kernel's own.
 */
int portres_tcp_connect_v4(struct sock *sk, struct portres_sockaddr *addr, int len)
{
	return portres_tcp_connect(sk, addr, len,
				   READ_ONCE(portres_tcp_original[PORTRES_TCP_V4].connect));
}

/**
 * portres_tcp_connect_v6 - connect of the protos of IPv6
 * @sk: the socket, locked
 * @addr: where to
 * @len: size of @addr
 *
 * Return: as the kernel's own.
 */
int portres_tcp_connect_v6(struct sock *sk, struct portres_sockaddr *addr, int len)
{
	return portres_tcp_connect(sk, addr, len,
				   READ_ONCE(portres_tcp_original[PORTRES_TCP_V6].connect));
}
