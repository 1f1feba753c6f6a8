"""Which addresses are public (RELIABILITY M10): the table is the rule."""

from __future__ import annotations

import socket

import pytest

from domain.errors import BadInput
from net.address import AllowList, is_public, may_use_port

PUBLIC = [
    "1.1.1.1", "8.8.8.8", "93.184.215.14", "140.82.121.4", "172.15.255.255", "172.32.0.1", "100.63.255.255",
    "100.128.0.1", "192.0.1.1", "198.17.255.255", "198.20.0.1", "223.255.255.254", "11.0.0.1", "9.9.9.9",
    "192.167.255.255", "169.253.1.1",
    "2606:4700:4700::1111", "2a00:1450:4001:81b::200e", "2620:fe::fe", "2001:4860:4860::8888", "2400:cb00::1",
]  # fmt: skip

CLOSED = [
    # loopback, private, link-local, this network
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255",
    "192.168.0.1", "192.168.255.255", "169.254.169.254", "169.254.0.1",
    # shared, protocol, benchmarking, documentation, relays
    "100.64.0.1", "100.100.100.200", "100.127.255.255", "192.0.0.1", "192.0.0.170", "192.0.0.192", "192.0.2.1",
    "192.88.99.1", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9", "192.31.196.1", "192.52.193.1",
    "192.175.48.1",
    # multicast, reserved, broadcast
    "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
    # IPv6 of our own
    "::", "::1", "fe80::1", "fec0::1", "fc00::1", "fd12:3456::1", "fd00:ec2::254", "ff02::1", "ff0e::1", "100::1",
    # transition forms of inner and of public addresses alike
    "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:8.8.8.8", "::8.8.8.8", "64:ff9b::a9fe:a9fe",
    "64:ff9b::808:808", "64:ff9b:1::1", "2002:a9fe:a9fe::", "2002:7f00:1::", "2002:808:808::1", "2001::1",
    "2001:0:53aa:64c::", "::ffff:0:127.0.0.1", "2001:2::1", "2001:10::1", "2001:20::1", "2001:db8::1", "3fff::1",
    "5f00::1", "4000::1", "fe80::1%eth0", "2606:4700::1%1",
    # what is no address at all must never pass
    "", "localhost", "127.1", "2130706433", "0x7f000001", "017700000001", "127.0.0.1.", "1.1.1.1 ", "1.1.1",
    "①②⑦.⓪.⓪.①", "[::1]", "1.1.1.01", "1.1.1.1\n", "١.١.١.١",
]  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC)
def test_public(address: str):
    assert is_public(address)


@pytest.mark.parametrize("address", CLOSED)
def test_closed(address: str):
    assert not is_public(address)


def test_the_table_is_long_enough():
    assert len(PUBLIC) + len(CLOSED) >= 60


@pytest.mark.parametrize("literal", ["127.1", "2130706433", "0x7f000001", "017700000001", "0x7f.1", "0"])
def test_what_the_system_makes_of_literals_is_closed(literal: str):
    for info in socket.getaddrinfo(literal, 80, type=socket.SOCK_STREAM):
        assert not is_public(str(info[4][0]))


def test_allow_list_is_exact():
    allow = AllowList.parse(["127.0.0.1:58001", "[::1]:8000", "Desk.Example:9000"])
    assert allow.permits("127.0.0.1", 58001)
    assert allow.permits("::1", 8000)
    assert allow.permits("desk.example.", 9000)
    assert not allow.permits("127.0.0.1", 58002)
    assert not allow.permits("sub.desk.example", 9000)
    assert not AllowList().permits("127.0.0.1", 80)


@pytest.mark.parametrize(
    "entry", ["", "localhost", "localhost:", ":80", "a:0", "a:99999", "http://a:80/", "*.a:80", "a:8o"]
)
def test_a_wrong_entry_is_named(entry: str):
    with pytest.raises(BadInput, match="host:port"):
        AllowList.parse([entry])


def test_ports():
    assert may_use_port(443)
    assert not any(map(may_use_port, (22, 25, 53, 2375, 5432, 6379, 9200, 11211)))
