// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sizes, places and values, as the headers of mingw-w64 have them and as ours do. One file for
 * both, in C and in C++, on 32 and 64 bits: it compiles or it does not.
 */
#include <winsock2.h>
#include <ws2tcpip.h>
#include <mstcpip.h>
#include <iphlpapi.h>
#include <stddef.h>

#ifndef __cplusplus
#define static_assert _Static_assert
#define alignof _Alignof
#endif
#define CHECK(condition) static_assert(condition, #condition)
#define SIZE(type, size) CHECK(sizeof(type) == (size))
#define PLACE(type, member, place) CHECK(offsetof(type, member) == (place))
#define POINTER sizeof(void *)

SIZE(BYTE, 1);
SIZE(BOOL, 4);
SIZE(WORD, 2);
SIZE(USHORT, 2);
SIZE(SHORT, 2);
SIZE(INT, 4);
SIZE(UINT, 4);
SIZE(LONG, 4);
SIZE(ULONG, 4);
SIZE(DWORD, 4);
SIZE(LONGLONG, 8);
SIZE(ULONG64, 8);
SIZE(*(PULONG64)0, 8);
SIZE(*(LPDWORD)0, 4);
SIZE(ULONG_PTR, POINTER);
SIZE(SOCKET, POINTER);
SIZE(HANDLE, POINTER);
SIZE(ADDRESS_FAMILY, 2);
CHECK((USHORT)-1 > 0);
CHECK((ULONG)-1 > 0);
CHECK((DWORD)-1 > 0);
CHECK((ULONG64)-1 > 0);
CHECK((SOCKET)-1 > 0);
CHECK((LONG)-1 < 0);
CHECK(INVALID_SOCKET == (SOCKET)-1);
CHECK(SOCKET_ERROR == -1);

SIZE(INET_PORT_RANGE, 4);
SIZE(*(PINET_PORT_RANGE)0, 4);
CHECK(alignof(INET_PORT_RANGE) == 2);
PLACE(INET_PORT_RANGE, StartPort, 0);
PLACE(INET_PORT_RANGE, NumberOfPorts, 2);
PLACE(struct _INET_PORT_RANGE, NumberOfPorts, 2);
SIZE(INET_PORT_RESERVATION, 4);
SIZE(*(PINET_PORT_RESERVATION)0, 4);
SIZE(INET_PORT_RESERVATION_TOKEN, 8);
SIZE(*(PINET_PORT_RESERVATION_TOKEN)0, 8);
CHECK(alignof(INET_PORT_RESERVATION_TOKEN) == 8);
PLACE(INET_PORT_RESERVATION_TOKEN, Token, 0);
SIZE(INET_PORT_RESERVATION_INSTANCE, 16);
SIZE(*(PINET_PORT_RESERVATION_INSTANCE)0, 16);
CHECK(alignof(INET_PORT_RESERVATION_INSTANCE) == 8);
PLACE(INET_PORT_RESERVATION_INSTANCE, Token, 8);
#ifdef __cplusplus
PLACE(INET_PORT_RESERVATION_INSTANCE, Reservation, 0);
PLACE(INET_PORT_RESERVATION_INSTANCE, Reservation.StartPort, 0);
PLACE(INET_PORT_RESERVATION_INSTANCE, Reservation.NumberOfPorts, 2);
PLACE(INET_PORT_RESERVATION_INSTANCE, Token.Token, 8);
#else
PLACE(INET_PORT_RESERVATION_INSTANCE, StartPort, 0);
PLACE(INET_PORT_RESERVATION_INSTANCE, NumberOfPorts, 2);
SIZE(((PINET_PORT_RESERVATION_INSTANCE)0)->Token, 8);
#endif
SIZE(INET_PORT_RESERVATION_INFORMATION, 4);
SIZE(*(PINET_PORT_RESERVATION_INFORMATION)0, 4);
PLACE(INET_PORT_RESERVATION_INFORMATION, OwningPid, 0);
SIZE(INVALID_PORT_RESERVATION_TOKEN, 8);
CHECK(INVALID_PORT_RESERVATION_TOKEN == 0);

CHECK(SIO_ACQUIRE_PORT_RESERVATION == 0x98000064);
CHECK(SIO_RELEASE_PORT_RESERVATION == 0x98000065);
CHECK(SIO_ASSOCIATE_PORT_RESERVATION == 0x98000066);
CHECK(IOC_IN == 0x80000000);
CHECK(IOC_OUT == 0x40000000);
CHECK(IOC_VOID == 0x20000000);
CHECK(IOC_VENDOR == 0x18000000);
CHECK(_WSAIO(IOC_VENDOR, 1) == 0x38000001);
CHECK(_WSAIOR(IOC_VENDOR, 1) == 0x58000001);
CHECK(_WSAIORW(IOC_VENDOR, 1) == 0xd8000001);

SIZE(WSADATA, POINTER == 8 ? 408 : 400);
PLACE(WSADATA, wVersion, 0);
PLACE(WSADATA, wHighVersion, 2);
PLACE(WSADATA, szDescription, POINTER == 8 ? 16 : 4);
PLACE(WSADATA, szSystemStatus, POINTER == 8 ? 273 : 261);
PLACE(WSADATA, iMaxSockets, POINTER == 8 ? 4 : 390);
PLACE(WSADATA, iMaxUdpDg, POINTER == 8 ? 6 : 392);
PLACE(WSADATA, lpVendorInfo, POINTER == 8 ? 8 : 396);
SIZE(WSAOVERLAPPED, POINTER == 8 ? 32 : 20);
PLACE(WSAOVERLAPPED, hEvent, POINTER == 8 ? 24 : 16);
CHECK(WSA_FLAG_OVERLAPPED == 1);
CHECK(WSA_FLAG_NO_HANDLE_INHERIT == 0x80);
CHECK(MAKEWORD(2, 1) == 0x102);
CHECK(LOBYTE(0x102) == 2);
CHECK(HIBYTE(0x102) == 1);

SIZE(SOCKADDR, 16);
SIZE(SOCKADDR_IN, 16);
PLACE(SOCKADDR_IN, sin_port, 2);
PLACE(SOCKADDR_IN, sin_addr, 4);
SIZE(SOCKADDR_IN6, 28);
PLACE(SOCKADDR_IN6, sin6_addr, 8);
PLACE(SOCKADDR_IN6, sin6_scope_id, 24);
SIZE(SOCKADDR_INET, 28);
PLACE(SOCKADDR_INET, si_family, 0);
SIZE(SOCKADDR_STORAGE, 128);

/* The functions, by the type that a pointer to each has. */
ULONG (WINAPI *create_udp)(USHORT, USHORT, PULONG64) = CreatePersistentUdpPortReservation;
ULONG (WINAPI *delete_udp)(USHORT, USHORT) = DeletePersistentUdpPortReservation;
ULONG (WINAPI *lookup_udp)(USHORT, USHORT, PULONG64) = LookupPersistentUdpPortReservation;
ULONG (WINAPI *create_tcp)(USHORT, USHORT, PULONG64) = CreatePersistentTcpPortReservation;
ULONG (WINAPI *delete_tcp)(USHORT, USHORT) = DeletePersistentTcpPortReservation;
ULONG (WINAPI *lookup_tcp)(USHORT, USHORT, PULONG64) = LookupPersistentTcpPortReservation;
int (WSAAPI *ioctl_of)(SOCKET, DWORD, LPVOID, DWORD, LPVOID, DWORD, LPDWORD, LPWSAOVERLAPPED,
		       LPWSAOVERLAPPED_COMPLETION_ROUTINE) = WSAIoctl;
SOCKET (WSAAPI *socket_a)(int, int, int, LPWSAPROTOCOL_INFOA, GROUP, DWORD) = WSASocketA;
SOCKET (WSAAPI *socket_w)(int, int, int, LPWSAPROTOCOL_INFOW, GROUP, DWORD) = WSASocketW;
int (WSAAPI *start)(WORD, LPWSADATA) = WSAStartup;
int (WSAAPI *clean)(void) = WSACleanup;
int (WSAAPI *last)(void) = WSAGetLastError;
void (WSAAPI *set_last)(int) = WSASetLastError;
SOCKET (WSAAPI *open_socket)(int, int, int) = socket;
int (WSAAPI *close_socket)(SOCKET) = closesocket;
int (WSAAPI *bind_to)(SOCKET, const struct sockaddr *, int) = bind;
int (WSAAPI *receive)(SOCKET, char *, int, int) = recv;
int (WSAAPI *transmit)(SOCKET, const char *, int, int) = send;
#ifdef __cplusplus
int (WSAAPI *name_of)(SOCKET, struct sockaddr *, int *) = getsockname;
#endif
DWORD (WINAPI *last_error)(void) = GetLastError;
