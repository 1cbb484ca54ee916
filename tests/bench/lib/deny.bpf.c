// SPDX-License-Identifier: GPL-2.0-only
/*
 * What people would use without portres: a program at the bind() of a cgroup, which looks the port
 * of a UDP socket up in a block list and refuses it. Once with a hash of ports, once with an array.
 */
#include <linux/bpf.h>
#include <linux/in.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define PORTS 65536

/* Without a random seed, or it would be another hash in each run. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_ZERO_SEED);
	__uint(max_entries, PORTS);
	__type(key, __u32);
	__type(value, __u8);
} hash SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, PORTS);
	__type(key, __u32);
	__type(value, __u8);
} array SEC(".maps");

static __always_inline int allowed_by_hash(struct bpf_sock_addr *ctx)
{
	__u32 port = bpf_ntohs((__u16)ctx->user_port);

	if (ctx->protocol != IPPROTO_UDP)
		return 1;
	return !bpf_map_lookup_elem(&hash, &port);
}

static __always_inline int allowed_by_array(struct bpf_sock_addr *ctx)
{
	__u32 port = bpf_ntohs((__u16)ctx->user_port);
	__u8 *listed;

	if (ctx->protocol != IPPROTO_UDP)
		return 1;
	listed = bpf_map_lookup_elem(&array, &port);
	return !listed || !*listed;
}

SEC("cgroup/bind4")
int hash4(struct bpf_sock_addr *ctx)
{
	return allowed_by_hash(ctx);
}

SEC("cgroup/bind6")
int hash6(struct bpf_sock_addr *ctx)
{
	return allowed_by_hash(ctx);
}

SEC("cgroup/bind4")
int array4(struct bpf_sock_addr *ctx)
{
	return allowed_by_array(ctx);
}

SEC("cgroup/bind6")
int array6(struct bpf_sock_addr *ctx)
{
	return allowed_by_array(ctx);
}

char _license[] SEC("license") = "GPL";
