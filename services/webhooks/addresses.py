"""Where webhooks may go: public addresses over https. A subscriber must not make us call what only we can reach (SSRF)."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

# IPv6 forms that carry an IPv4 address inside: translation (RFC 6052, 8215), 6to4, Teredo.
CARRYING = tuple(map(ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")))


class AddressRefused(Exception):
    """Nothing is sent there; the sentence says why."""


@dataclass(frozen=True)
class Target:
    """A checked address: what to connect to, what to ask for. ``addresses`` are those that the name resolved to."""

    secure: bool
    host: str
    port: int
    path: str
    addresses: tuple[str, ...]


def target_of(url: str, *, private: bool) -> Target:
    """The address of a webhook, resolved and checked; connect to ``addresses`` only, or the name may change meanwhile."""
    try:
        parts = urlsplit(url)
        host, port, secure = parts.hostname, parts.port, parts.scheme == "https"
    except ValueError as error:
        raise AddressRefused(f"{url} is no address ({error})") from None
    if parts.scheme not in ("http", "https") or not host:
        raise AddressRefused(f"{url} is no address; send one such as https://erp.example/o2c")
    if parts.scheme == "http" and not private:
        raise AddressRefused(f"{url} is not encrypted; use https, or allow it with O2C_WEBHOOKS_PRIVATE")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise AddressRefused(f"{url} holds a user, a password or a fragment; leave these out, requests are signed")
    port = port or (443 if secure else 80)
    addresses = resolved(host, port)
    for address in addresses:
        if not private and not is_public(address):
            raise AddressRefused(f"{host} is at {address}, which is not public; O2C_WEBHOOKS_PRIVATE allows it")
    path = parts.path or "/"
    return Target(secure, host, port, f"{path}?{parts.query}" if parts.query else path, addresses)


def resolved(host: str, port: int) -> tuple[str, ...]:
    """All addresses of a name, or of any way to write an address that the system understands (0x7f.1, 2130706433)."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise AddressRefused(f"{host} cannot be found ({error})") from None
    return tuple(dict.fromkeys(str(one[4][0]) for one in found))


def is_public(text: str) -> bool:
    """Whether an address is one of the public net: not private, loopback, link-local, shared, reserved or multicast."""
    address: IPv4Address | IPv6Address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        elif any(address in network for network in CARRYING):
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved
