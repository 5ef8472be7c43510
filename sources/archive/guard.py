"""The guard: which URLs may be fetched, and which addresses their names may lead to.

A URL is read once, strictly, into a :class:`Target`; what two parsers could read differently is refused. Its name is
looked up once and every answer must be public; the fetcher then connects to a vetted address, so that a name cannot be
bound anew between the check and the connection. No proxy of the environment is ever asked.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import quote

import idna

from sources.archive.addresses import refusal
from sources.archive.exchange import FailureCode, FetchError

DEFAULT_PORTS = {"http": 80, "https": 443}
MAX_URL_LENGTH = 8192  # characters; longer ones are refused by most servers

_URL = re.compile(r"(?P<authority>[^/?#]*)(?P<path>[^?#]*)(?P<query>\?[^#]*)?(?:#.*)?", re.DOTALL)
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(//)?")
_AUTHORITY = re.compile(r"(?P<host>\[[^\[\]]*\]|[^:\[\]]*)(?::(?P<port>[0-9]{0,8}))?")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"0x[0-9a-f]*|[0-9]+")
# Printable ASCII that may stand in a path or query as it is; the rest is percent-encoded as UTF-8, as browsers do.
_KEPT = "!$%&'()*+,-./:;=?@[]^_`{|}~\\"

# Names that never belong to the public web, and that must not be asked of a resolver.
_LOCAL_NAMES = {
    "localhost": "always the machine itself (RFC 6761)",
    "local": "the local network (RFC 6762)",
    "internal": "private networks (reserved by ICANN)",
    "home.arpa": "home networks (RFC 8375)",
    "onion": "Tor, which is not the public DNS (RFC 7686)",
    "alt": "names outside the DNS (RFC 9476)",
}

Address = tuple[socket.AddressFamily, str, int]
Lookup = Callable[[str], list[str]]


@dataclass(frozen=True, slots=True)
class Target:
    """A URL that may be asked for, taken apart.

    ``url`` is what goes into the records: scheme and host in lower case ASCII, default port and fragment dropped,
    dot segments resolved, everything outside ASCII percent-encoded.
    """

    url: str
    scheme: str
    host: str  # ASCII name without trailing dot, or an IP address in its canonical spelling
    port: int
    request_target: str  # path and query as sent in the request line

    @property
    def host_header(self) -> str:
        """Value of the ``Host`` header (RFC 9110 §7.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


def system_lookup(name: str) -> list[str]:
    """The addresses of ``name`` according to the system's resolver, one question. Raises ``OSError``."""
    # The closing dot keeps search domains out; bytes keep Python's IDNA 2003 codec out.
    answers = socket.getaddrinfo(f"{name}.".encode("ascii"), None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


class Guard:
    """Decides what may be fetched. Immutable once made, so one guard may serve many threads.

    ``exceptions`` maps an exact host name to ``"ip:port"``: such a name is never looked up and the connection goes to
    that address, public or not. It exists for the demo's press site; production settings refuse it.
    ``lookup`` answers a name with addresses and raises ``OSError``.
    """

    def __init__(
        self,
        ports: frozenset[int] = frozenset({80, 443, 8080, 8443}),
        exceptions: Mapping[str, str] | None = None,
        lookup: Lookup = system_lookup,
    ) -> None:
        self._ports = ports
        self._lookup = lookup
        self._exceptions = {
            _ascii_host(name): _exception_address(where) for name, where in (exceptions or {}).items()
        }

    def check_url(self, url: str) -> Target:
        """Read ``url`` strictly. Raises :class:`FetchError` with a code and a sentence when it may not be fetched."""
        scheme, rest = _split_scheme(url)
        parts = _URL.fullmatch(rest)
        assert parts is not None  # the pattern matches every string
        host, port = self._authority(parts["authority"], scheme)
        path = _encode(_without_dot_segments(parts["path"] or "/"), "path")
        target = path + _encode(parts["query"] or "", "query")
        checked = Target("", scheme, host, port, target)
        return Target(f"{scheme}://{checked.host_header}{target}", scheme, host, port, target)

    def exception_for(self, target: Target) -> str:
        """The name of the configured exception that covers ``target``; empty when the ordinary rules hold."""
        return target.host if target.host in self._exceptions else ""

    def resolve(self, target: Target) -> list[Address]:
        """The vetted addresses of ``target``, in the resolver's order; never empty.

        Raises :class:`FetchError`: ``name-not-resolved``, or ``address-refused`` if **any** answer is not public.
        """
        if target.host in self._exceptions:
            return [self._exceptions[target.host]]
        answers = [target.host] if _is_ip(target.host) else self._answers(target.host)
        for answer in answers:
            if why := refusal(answer):
                message = (
                    why
                    if answer == target.host
                    else f"{target.host} leads to an address that is not allowed: {why}"
                )
                raise FetchError(FailureCode.ADDRESS_REFUSED, message)
        return [(_family(answer), answer, target.port) for answer in answers]

    def knows(self, target: Target) -> bool:
        """Whether `resolve` will answer without asking the resolver, and so at once."""
        return target.host in self._exceptions or _is_ip(target.host)

    def _answers(self, host: str) -> list[str]:
        try:
            answers = self._lookup(host)
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            message = f"The name {host} could not be resolved: {reason}."
            raise FetchError(FailureCode.NAME_NOT_RESOLVED, message) from error
        if not answers:
            raise FetchError(FailureCode.NAME_NOT_RESOLVED, f"The name {host} has no address.")
        return answers

    def _authority(self, authority: str, scheme: str) -> tuple[str, int]:
        if "@" in authority:
            message = "The URL carries a user name or password; they are never sent."
            raise FetchError(FailureCode.CREDENTIALS_REFUSED, message)
        parts = _AUTHORITY.fullmatch(authority)
        if parts is None:
            raise _invalid(f"The host and port “{authority}” cannot be read.")
        host = _ipv6_literal(parts["host"]) if parts["host"].startswith("[") else _ascii_host(parts["host"])
        port = int(parts["port"]) if parts["port"] else DEFAULT_PORTS[scheme]
        if not 0 < port < 65536:
            raise _invalid(f"{port} is not a port number.")
        if host not in self._exceptions:
            _refuse_local(host)
        if port not in self._ports:
            allowed = ", ".join(map(str, sorted(self._ports)))
            raise FetchError(FailureCode.PORT_REFUSED, f"Port {port} is not allowed; allowed are {allowed}.")
        return host, port


def _invalid(message: str) -> FetchError:
    return FetchError(FailureCode.INVALID_URL, message)


def _split_scheme(url: str) -> tuple[str, str]:
    if len(url) > MAX_URL_LENGTH:
        raise _invalid(f"The URL is longer than {MAX_URL_LENGTH} characters.")
    if url != url.strip():
        raise _invalid("The URL has white space before or after it.")
    if re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]", url):
        raise _invalid("The URL contains control characters.")
    scheme = _SCHEME.match(url)
    if scheme is None:
        raise _invalid("The URL does not begin with http:// or https://.")
    if scheme[1].lower() not in DEFAULT_PORTS:
        message = f"Only http and https are fetched, not {scheme[1].lower()}."
        raise FetchError(FailureCode.SCHEME_REFUSED, message)
    if scheme[2] is None:
        raise _invalid("The URL does not begin with http:// or https://.")
    return scheme[1].lower(), url[scheme.end() :]


def _ascii_host(host: str) -> str:
    """``host`` as ASCII in lower case (UTS 46, then IDNA 2008), odd IPv4 spellings as a dotted quad."""
    if "%" in host or "\\" in host:
        raise _invalid("The host contains a percent sign or a backslash.")
    try:
        mapped = host.lower() if host.isascii() else idna.uts46_remap(host, std3_rules=True)
        mapped = mapped.removesuffix(".")
        labels = [_ascii_label(label) for label in mapped.split(".")]
    except (idna.IDNAError, UnicodeError) as error:
        raise _invalid(f"“{host}” is not an internationalised domain name (IDNA 2008): {error}.") from error
    name = ".".join(labels)
    if not name or len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise _invalid(f"“{host[:100]}” is not a host name.")
    return _ipv4_spelling(labels) if _NUMBER.fullmatch(labels[-1]) else name


def _ascii_label(label: str) -> str:
    if not label.isascii():
        return idna.alabel(label).decode("ascii")
    if label.startswith("xn--"):
        # Names that IDNA 2008 would not register (emoji) exist; what no browser would read back is no name at all.
        decoded = label[4:].encode("ascii").decode("punycode")
        spelled = decoded.encode("punycode").decode("ascii")
        if decoded.isascii() or spelled != label[4:] or idna.uts46_remap(decoded, std3_rules=True) != decoded:
            raise UnicodeError(f"{label} is not Punycode")
    return label


def _ipv4_spelling(labels: list[str]) -> str:
    """Decimal, octal and hexadecimal IPv4 spellings of one to four parts, read as browsers read them (WHATWG URL)."""
    if len(labels) > 4 or not all(_NUMBER.fullmatch(label) for label in labels):
        raise _invalid(f"“{'.'.join(labels)[:100]}” ends in a number but is not an IPv4 address.")
    try:
        *leading, last = [_number(label) for label in labels]
    except ValueError as error:
        raise _invalid(f"“{'.'.join(labels)}” is not an IPv4 address.") from error
    if any(part > 255 for part in leading) or last >= 256 ** (4 - len(leading)):
        raise _invalid(f"“{'.'.join(labels)}” is not an IPv4 address.")
    return str(IPv4Address(sum(part << (24 - 8 * place) for place, part in enumerate(leading)) + last))


def _number(text: str) -> int:
    if text.startswith("0x"):
        return int(text[2:] or "0", 16)
    return int(text, 8 if text.startswith("0") else 10)


def _ipv6_literal(host: str) -> str:
    try:
        address = IPv6Address(host[1:-1])
    except ValueError as error:
        raise _invalid(f"“{host[:100]}” is not an IPv6 address.") from error
    if address.scope_id is not None:
        raise _invalid("An IPv6 address with a zone id is not a public address.")
    return str(address)


def _refuse_local(host: str) -> None:
    if _is_ip(host):
        if why := refusal(host):
            raise FetchError(FailureCode.ADDRESS_REFUSED, why)
        return
    for name, meaning in _LOCAL_NAMES.items():
        if host == name or host.endswith("." + name):
            raise FetchError(
                FailureCode.ADDRESS_REFUSED, f"{host} is not on the public web: it means {meaning}."
            )


def _encode(text: str, where: str) -> str:
    if "\\" in text and where == "path":
        # Browsers read a backslash as a slash, other clients do not: what was meant cannot be known.
        raise _invalid("The path contains a backslash.")
    return quote(text, safe=_KEPT)


def _without_dot_segments(path: str) -> str:
    """RFC 3986 §5.2.4, with ``%2e`` read as a dot as browsers do."""
    kept: list[str] = []
    segments = path.split("/")[1:]
    for place, segment in enumerate(segments):
        plain = segment.lower().replace("%2e", ".")
        if plain == "..":
            kept = kept[:-1]
        elif plain != ".":
            kept.append(segment)
        if plain in (".", "..") and place == len(segments) - 1:
            kept.append("")
    return "/" + "/".join(kept)


def _is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def _exception_address(where: str) -> Address:
    """``"ip:port"`` or ``"[ipv6]:port"``. Raises ``ValueError``: a broken exception must stop the start-up."""
    host, _, port = where.rpartition(":")
    address = str(ip_address(host.strip("[]")))
    if not 0 < int(port) < 65536:
        raise ValueError(f"“{where}” does not name a port.")
    return _family(address), address, int(port)
