"""Which IP addresses the fetcher may connect to.

The tables follow the IANA IPv4 and IPv6 special-purpose address registries (RFC 6890 and its updates), the multicast
registries, and the addresses at which cloud providers answer for the machine itself. Python's ``ipaddress`` is used
to parse and compare, never to judge: its idea of *global* lets translated, tunnelled and newly reserved ranges through.

Pure: no I/O.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

_METADATA = {
    "169.254.169.254": "the metadata service of most clouds",
    "169.254.170.2": "the container credentials service of a cloud",
    "169.254.170.23": "the container credentials service of a cloud",
    "100.100.100.200": "the metadata service of a cloud",
    "168.63.129.16": "the host agent of a cloud",
    "192.0.0.192": "the metadata service of a cloud",
    "fd00:ec2::254": "the metadata service of a cloud",
    "fd00:ec2::23": "the container credentials service of a cloud",
    "fd20:ce::254": "the metadata service of a cloud",
}

# The whole of 192.0.0.0/24 and the AS112 and AMT blocks are refused although parts of them are reachable: they hold
# protocol anycast services, never a web site.
_IPV4 = [
    (IPv4Network(network), reason)
    for network, reason in (
        ("0.0.0.0/8", "this network (RFC 791)"),
        ("10.0.0.0/8", "private use (RFC 1918)"),
        ("100.64.0.0/10", "shared address space of carriers (RFC 6598)"),
        ("127.0.0.0/8", "loopback (RFC 1122)"),
        ("169.254.0.0/16", "link local (RFC 3927)"),
        ("172.16.0.0/12", "private use (RFC 1918)"),
        ("192.0.0.0/24", "protocol assignments (RFC 6890)"),
        ("192.0.2.0/24", "documentation (RFC 5737)"),
        ("192.31.196.0/24", "AS112 name servers (RFC 7535)"),
        ("192.52.193.0/24", "automatic multicast tunnelling (RFC 7450)"),
        ("192.88.99.0/24", "6to4 relays, withdrawn (RFC 7526)"),
        ("192.168.0.0/16", "private use (RFC 1918)"),
        ("192.175.48.0/24", "AS112 name servers (RFC 7534)"),
        ("198.18.0.0/15", "benchmarking (RFC 2544)"),
        ("198.51.100.0/24", "documentation (RFC 5737)"),
        ("203.0.113.0/24", "documentation (RFC 5737)"),
        ("224.0.0.0/4", "multicast (RFC 5771)"),
        ("255.255.255.255/32", "limited broadcast (RFC 8190)"),
        ("240.0.0.0/4", "reserved (RFC 1112)"),
    )
]

_NAT64 = IPv6Network("64:ff9b::/96")
_GLOBAL_UNICAST = IPv6Network("2000::/3")

_IPV6 = [
    (IPv6Network(network), reason)
    for network, reason in (
        ("::/128", "the unspecified address (RFC 4291)"),
        ("::1/128", "loopback (RFC 4291)"),
        ("::ffff:0:0/96", "IPv4-mapped (RFC 4291)"),
        ("::ffff:0:0:0/96", "IPv4-translated (RFC 2765)"),
        ("::/96", "IPv4-compatible, withdrawn (RFC 4291)"),
        ("64:ff9b:1::/48", "translation for local use (RFC 8215)"),
        ("100::/64", "discard only (RFC 6666)"),
        ("100:0:0:1::/64", "dummy prefix (RFC 9780)"),
        ("2001::/32", "Teredo tunnels (RFC 4380)"),
        ("2001:2::/48", "benchmarking (RFC 5180)"),
        ("2001::/23", "protocol assignments (RFC 2928)"),
        ("2001:db8::/32", "documentation (RFC 3849)"),
        ("2002::/16", "6to4 tunnels (RFC 3056)"),
        ("2620:4f:8000::/48", "AS112 name servers (RFC 7534)"),
        ("3fff::/20", "documentation (RFC 9637)"),
        ("5f00::/16", "segment routing (RFC 9602)"),
        ("fc00::/7", "unique local, that is private (RFC 4193)"),
        ("fe80::/10", "link local (RFC 4291)"),
        ("fec0::/10", "site local, withdrawn (RFC 3879)"),
        ("ff00::/8", "multicast (RFC 4291)"),
    )
]

# Interface identifiers that carry an IPv4 address through an ISATAP tunnel (RFC 5214 §6.1), bits 32–63.
_ISATAP = (0x00005EFE, 0x02005EFE)


def refusal(address: str) -> str | None:
    """Why ``address`` may not be connected to, as a sentence; ``None`` when it is a public unicast address.

    ``address`` is one IP address in its usual spelling. Whatever is not (a name, a zone id, an odd IPv4 spelling) is
    refused too: the caller resolves spellings first.
    """
    try:
        ip = ip_address(address)
    except ValueError:
        return f"“{address}” is not an IP address."
    if isinstance(ip, IPv6Address) and ip.scope_id is not None:
        return f"{ip} names a network interface (a zone id)."
    if role := _METADATA.get(str(ip)):
        return f"{ip} is {role}."
    reason = _ipv4_reason(ip) if isinstance(ip, IPv4Address) else _ipv6_reason(ip)
    return f"{ip} is not a public address: {reason}." if reason else None


def _ipv4_reason(ip: IPv4Address) -> str | None:
    return next((reason for network, reason in _IPV4 if ip in network), None)


def _ipv6_reason(ip: IPv6Address) -> str | None:
    if ip in _NAT64:
        # The one prefix that stands for an IPv4 address and is reachable itself: as good as what it stands for.
        inner = refusal(str(IPv4Address(int(ip) & 0xFFFFFFFF)))
        return f"it translates (RFC 6052) to another one. {inner.rstrip('.')}" if inner else None
    for network, reason in _IPV6:
        if ip in network:
            return reason
    if ip not in _GLOBAL_UNICAST:
        return "outside global unicast (RFC 4291)"
    if (int(ip) >> 32) & 0xFFFFFFFF in _ISATAP:
        return "ISATAP tunnel (RFC 5214)"
    return None
