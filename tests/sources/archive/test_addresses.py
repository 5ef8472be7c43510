"""Which addresses count as public. The expected answers are written out from the IANA registries."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.archive.addresses import refusal

PUBLIC = [
    *("1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "93.184.215.14", "100.63.255.255", "100.128.0.0"),
    *("126.255.255.255", "128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0"),
    *("191.255.255.255", "192.0.1.0", "192.0.3.0", "192.88.98.255", "192.167.255.255", "192.169.0.0"),
    *("198.17.255.255", "198.20.0.0", "198.51.99.255", "203.0.112.255", "203.0.114.0", "223.255.255.255"),
    *("168.63.129.15", "168.63.129.17", "2001:200::1", "2001:db7:ffff::1", "2001:db9::1", "2003::1"),
    *("2606:4700:4700::1111", "2a00:1450:4001:81b::200e", "2600:1f00::1", "3ffe:ffff::1"),
    *("64:ff9b::8.8.8.8", "64:ff9b::101:101"),
]

NOT_PUBLIC = [
    # IPv4 special-purpose registry: first and last of every block.
    *("0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255", "127.0.0.0"),
    *("127.0.0.1", "127.255.255.255", "169.254.0.0", "169.254.255.255", "172.16.0.0", "172.31.255.255"),
    *("192.0.0.0", "192.0.0.8", "192.0.0.9", "192.0.0.10", "192.0.0.170", "192.0.0.255", "192.0.2.0"),
    *("192.0.2.255", "192.31.196.1", "192.52.193.1", "192.88.99.1", "192.168.0.0", "192.168.255.255"),
    *("192.175.48.1", "198.18.0.0", "198.19.255.255", "198.51.100.0", "203.0.113.255", "240.0.0.0"),
    *("255.255.255.254", "255.255.255.255", "224.0.0.1", "239.255.255.255"),
    # IPv6 special-purpose registry and what IPv6 addresses can carry.
    *(
        "::",
        "::1",
        "::2",
        "::127.0.0.1",
        "::8.8.8.8",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "::ffff:0:10.0.0.1",
    ),
    *("64:ff9b::127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b::169.254.169.254", "64:ff9b::", "64:ff9b::e000:1"),
    *(
        "64:ff9b:1::",
        "64:ff9b:1::8.8.8.8",
        "64:ff9b:1:ffff:ffff:ffff:ffff:ffff",
        "64:ff9b:2::1",
        "64:ff9b::1:0:0",
    ),
    *("100::", "100::1", "100:0:0:1::1", "100:0:0:2::1", "2001::", "2001:0:4136:e378:8000:63bf:3fff:fdd2"),
    *("2001:1::1", "2001:1::2", "2001:2::1", "2001:3::1", "2001:4:112::1", "2001:10::1", "2001:20::1"),
    *("2001:30::1", "2001:1ff:ffff::1", "2001:db8::", "2001:db8:ffff::1", "2002::", "2002:7f00:1::"),
    *("2002:808:808::1", "2620:4f:8000::1", "3fff::1", "3fff:fff:ffff::1", "4000::1", "5f00::1"),
    *("5f00:ffff::1", "6000::1", "8000::1", "c000::1", "e000::1", "f000::1", "fc00::1", "fdff::1"),
    *("fe00::1", "fe80::1", "febf::1", "fec0::1", "feff::1", "ff00::1", "ff02::1", "ff0e::1"),
    *("2a00::5efe:10.0.0.1", "2a00::200:5efe:8.8.8.8", "fe80::1%eth0", "2a00::1%eth0", "1::1", "200::1"),
    # Where clouds answer for the machine itself.
    *("169.254.169.254", "169.254.170.2", "100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254"),
    *("fd00:ec2::23", "fd20:ce::254", "::ffff:169.254.169.254", "64:ff9b::a83f:8110"),
    # No addresses at all: refused as well.
    *(
        "",
        "localhost",
        "127.1",
        "2130706433",
        "0x7f.1",
        "1.2.3",
        "1.2.3.4.5",
        "01.1.1.1",
        "[::1]",
        " 1.1.1.1",
    ),
]


@pytest.mark.parametrize("address", PUBLIC)
def test_refusal_of_public_addresses_is_none(address: str) -> None:
    assert refusal(address) is None


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_refusal_of_other_addresses_is_a_sentence(address: str) -> None:
    why = refusal(address)
    assert why is not None
    assert why.endswith(".")


@settings(deadline=None)
@given(st.one_of(st.integers(0, 2**32 - 1).map(IPv4Address), st.integers(0, 2**128 - 1).map(IPv6Address)))
def test_refusal_is_never_laxer_than_the_standard_library(ip: IPv4Address | IPv6Address) -> None:
    if refusal(str(ip)) is None:
        judged = ip_address(int(ip) & 0xFFFFFFFF) if str(ip).startswith("64:ff9b::") else ip
        assert judged.is_global
        assert not (judged.is_multicast or judged.is_reserved or judged.is_loopback or judged.is_link_local)


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1).map(IPv4Address))
def test_refusal_of_a_translated_address_is_that_of_the_inner_one(ip: IPv4Address) -> None:
    translated = IPv6Address(int(IPv6Address("64:ff9b::")) + int(ip))
    assert (refusal(str(translated)) is None) == (refusal(str(ip)) is None)


@settings(deadline=None)
@given(st.text(max_size=40))
def test_refusal_never_raises(text: str) -> None:
    refusal(text)
