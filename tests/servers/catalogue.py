# SPDX-License-Identifier: GPL-2.0-only
"""The servers: how each is started in the foreground, and which UDP ports are its own."""

import pathlib

import rtp

WORK = pathlib.Path("/tmp/work")


class Server:
    """A server. unit: its unit in Debian; user: the user that starts it; binds: the user that
    binds, if another; ports: (first, last), of which it has the first when it runs; asks: what
    makes it bind the others."""

    def __init__(self, name, unit, ports, command, user="root", binds=None, files=(), asks=None):
        self.name = name
        self.unit = unit
        self.user = user
        self.binds = binds or user
        self.ports = ports
        self.bound = [ports[0]]
        self.command = [word.replace("@", str(WORK)) for word in command]
        self.files = files
        self.asks = asks

    def prepare(self):
        """Writes its configuration."""
        for name, text in self.files:
            (WORK / name).write_text(text.replace("@", str(WORK)))


def servers():
    """All."""
    return [
        Server("snmptrapd", "snmptrapd.service", (162, 162),
               ["snmptrapd", "-f", "-Lo", "-C", "--disableAuthorization=yes",
                "udp:127.0.0.1:162"]),
        Server("rsyslogd", "rsyslog.service", (514, 514),
               ["rsyslogd", "-n", "-f", "@/rsyslog.conf", "-i", "NONE"],
               files=[("rsyslog.conf", 'module(load="imudp")\ninput(type="imudp" port="514")\n'
                       'action(type="omfile" file="@/syslog")\n')]),
        Server("in.tftpd", "tftpd-hpa.service", (69, 69),
               ["in.tftpd", "-L", "-a", "127.0.0.1:69", "-u", "nobody", "-s", "/tmp"]),
        Server("dnsmasq", "dnsmasq.service", (53, 53),
               ["dnsmasq", "--keep-in-foreground", "--user=root", "--conf-file=/dev/null",
                "--no-hosts", "--no-resolv", "--listen-address=127.0.0.1", "--bind-interfaces",
                "--pid-file", "--log-facility=-"]),
        Server("dhcpd", "isc-dhcp-server.service", (67, 67),
               ["dhcpd", "-4", "-f", "-d", "-cf", "@/dhcpd.conf", "-lf", "@/leases", "-pf",
                "@/dhcpd.pid", "dummy0"],
               files=[("dhcpd.conf", "subnet 10.8.0.0 netmask 255.255.255.0 { }\n"),
                      ("leases", "")]),
        Server("chronyd", "chrony.service", (123, 123),
               ["chronyd", "-d", "-x", "-u", "root", "-F", "0", "port 123", "allow",
                "local stratum 10", "cmdport 0", "bindcmdaddress /", "pidfile @/chronyd.pid",
                "bindaddress 127.0.0.1"]),
        Server("unbound", "unbound.service", (53, 53),
               ["unbound", "-d", "-p", "-c", "@/unbound.conf"],
               files=[("unbound.conf", 'server:\n interface: 127.0.0.1\n chroot: ""\n username: '
                       'nobody\n pidfile: ""\n directory: "@"\n use-syslog: no\n do-daemonize: no\n'
                       ' module-config: "iterator"\nremote-control:\n control-enable: no\n')]),
        Server("named", "named.service", (53, 53),
               ["named", "-g", "-4", "-n", "1", "-u", "nobody", "-c", "@/named.conf"],
               binds="nobody",
               files=[("named.conf", 'options { directory "@"; listen-on { 127.0.0.1; }; '
                       'listen-on-v6 { none; }; pid-file none; session-keyfile none; '
                       'dnssec-validation no; };\ncontrols { };\n')]),
        Server("kamailio", "kamailio.service", (5060, 5060),
               ["kamailio", "-DD", "-E", "-f", "@/kamailio.cfg", "-Y", "@", "-m", "16", "-M", "4"],
               user="nobody",
               files=[("kamailio.cfg", "#!KAMAILIO\nchildren=1\ndisable_tcp=yes\n"
                       "listen=udp:127.0.0.1:5060\nrequest_route { drop; }\n")]),
        Server("coturn", "coturn.service", (3478, 3479),
               ["turnserver", "-n", "--no-auth", "--no-tls", "--no-dtls", "--no-cli", "--no-tcp",
                "--no-tcp-relay", "--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1",
                "--listening-port=3478", "--pidfile=@/turn.pid", "--userdb=@/turn.db",
                "--log-file=stdout", "--realm=example.net"], user="nobody"),
        Server("rtpengine", "rtpengine-daemon.service", (2223, 2299),
               ["rtpengine", "-f", "-E", "--table=-1", "--interface=127.0.0.1",
                "--listen-ng=127.0.0.1:2223", "-m", "2240", "-M", "2299", "--pidfile=@/rtp.pid",
                "--num-threads=2"], user="nobody", asks=lambda: rtp.offers("c", 2240, 2299)),
        Server("teeworlds", "teeworlds-server.service", (8303, 8303),
               ["env", "HOME=@", "/usr/games/teeworlds-server", "sv_port 8303", "sv_register 0"], user="nobody"),
    ]
