"""Archives of others as RFC 7089 (Memento) describes them: services, TimeMaps, and the headers of a memento.

Pure: no Django, no network. Everything read here was written by strangers: bad bytes, wrong dates and odd addresses
are counted and left out, never an error, and every loop has an end that does not depend on them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any
from urllib.parse import quote, unquote, urljoin, urlsplit

LINK_FORMAT = "application/link-format"
MAX_LINKS = 200_000  # of one TimeMap; what comes after is not read
MAX_ADDRESS = 2000  # characters; a longer one cannot be indexed and is no use to a reader
FIRST_WEB_PAGE = datetime(1991, 8, 6, tzinfo=UTC)
CLOCK_SKEW = timedelta(days=1)

# RFC 6690 §2. Every repetition ends at a character that it does not contain, so reading takes linear time.
_TARGET = re.compile(r"<([^<>]{0,8192})>")
_PARAMETER = re.compile(
    r"""\s*+;\s*+([!#$%&'*+.^_`|~0-9A-Za-z-]++)(?:\s*+=\s*+(?:"((?:[^"\\]|\\.)*+)"|([^",;\s]*+)))?""",
    re.DOTALL,
)
_VARIABLE = re.compile(r"\{(\+?)url\}")
_FIXED_PART = re.compile(r"https?://[^/?#{}\s]+[/?][^{}\s]*")
# RFC 7089 §2.1.1 knows one form; email.utils would also read years of two digits, zones and worse.
_DATE = re.compile(r"[A-Z][a-z]{2}, [0-9]{1,2} [A-Z][a-z]{2} [12][0-9]{3} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT")
_KEYS = {"name", "timemap", "timegate", "save", "any_host"}

Headers = Iterable[tuple[str, str]]
AddressCheck = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Service:
    """An outside archive that this installation may ask. Templates hold ``{+url}`` or ``{url}`` (RFC 6570)."""

    name: str
    timemap: str = ""
    timegate: str = ""
    save: str = ""
    any_host: bool = False  # an aggregator: its mementos lie with others

    @property
    def looks_up(self) -> bool:
        """Whether it can be asked which mementos there are."""
        return bool(self.timemap or self.timegate)

    @property
    def copies(self) -> bool:
        """Whether it can be asked for a copy."""
        return bool(self.save)


@dataclass(frozen=True, slots=True, order=True)
class Found:
    """A memento as its archive announces it."""

    at: datetime  # Memento-Datetime
    url: str  # URI-M, absolute


@dataclass(slots=True)
class TimeMap:
    """What a TimeMap said, in order of time and each address once."""

    mementos: list[Found] = field(default_factory=list)
    originals: list[str] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)  # further TimeMaps that it points to
    left_out: int = 0  # mementos with an address or a date that cannot be
    is_cut: bool = False  # there were more links than are read


def read_services(value: Any) -> list[Service]:
    """The services that a setting names: a list of objects with ``name``, and ``timemap``, ``timegate``, ``save``.

    Raises ValueError with a sentence for whatever else it is: a setting that is half understood must not be used.
    """
    if not isinstance(value, list):
        raise ValueError("It must be a JSON list of services.")
    services = [_read_service(one) for one in value]
    names = [service.name for service in services]
    if len(set(names)) != len(names):
        raise ValueError("Two services have the same name.")
    return services


def expand(template: str, url: str) -> str:
    """`template` with the variable replaced: ``{+url}`` by `url` as it is, ``{url}`` by `url` percent-encoded."""
    return _VARIABLE.sub(lambda found: url if found[1] else quote(url, safe=""), template)


def fixed_part(template: str) -> str:
    """What stands before the variable: every address that the template makes begins so."""
    found = _VARIABLE.search(template)
    return template[: found.start()] if found else template


def links(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Targets and parameters of a document or header in link format (RFC 6690 §2, RFC 8288 §3).

    What is not a link is passed over. Of a parameter that is repeated the first counts (RFC 8288 §3).
    """
    place = 0
    while target := _TARGET.search(text, place):
        place = target.end()
        parameters: dict[str, str] = {}
        while found := _PARAMETER.match(text, place):
            place = found.end()
            quoted, token = found[2], found[3]
            value = re.sub(r"\\(.)", r"\1", quoted, flags=re.DOTALL) if quoted is not None else token or ""
            parameters.setdefault(found[1].lower(), value)
        yield target[1].strip(), parameters


def read_timemap(
    body: bytes, *, base: str, now: datetime, allowed: AddressCheck, hosts: frozenset[str] | None
) -> TimeMap:
    """Read a TimeMap in link format (RFC 7089 §5) that came from `base`.

    `allowed` says whether an address may be shown to people; `hosts`, unless None, where mementos may lie.
    """
    timemap = TimeMap()
    seen: dict[str, Found] = {}
    for number, (target, parameters) in enumerate(links(body.decode("utf-8", "replace"))):
        if number >= MAX_LINKS:
            timemap.is_cut = True
            break
        relations = parameters.get("rel", "").lower().split()
        if "memento" in relations:
            address = usable_address(target, base=base, allowed=allowed, hosts=hosts)
            at = read_date(parameters.get("datetime", ""), now=now)
            if address is None or at is None:
                timemap.left_out += 1
            else:
                seen.setdefault(address, Found(at, address))
        elif "original" in relations:
            timemap.originals.append(target)
        elif "timemap" in relations and "self" not in relations:
            page = usable_address(target, base=base, allowed=allowed, hosts=hosts)
            if page and page != base and parameters.get("type", LINK_FORMAT).lower() == LINK_FORMAT:
                timemap.pages.append(page)
    timemap.mementos = sorted(seen.values())
    return timemap


def read_memento(url: str, headers: Headers, *, now: datetime) -> Found | None:
    """The memento that a response from `url` is, by its Memento-Datetime (RFC 7089 §2.1.1); None if it is none."""
    for name, value in headers:
        if name.lower() == "memento-datetime" and (at := read_date(value, now=now)):
            return Found(at, url)
    return None


def announced(url: str, headers: Headers) -> list[str]:
    """Addresses at which a response from `url` says that a memento lies: Content-Location, Location, Link."""
    found: list[str] = []
    for name, value in headers:
        if name.lower() in ("content-location", "location"):
            found.append(value)
        elif name.lower() == "link":
            found += [
                target for target, given in links(value) if "memento" in given.get("rel", "").lower().split()
            ]
    return list(dict.fromkeys(absolute for one in found if (absolute := _absolute(url, one))))


def negotiation(at: datetime) -> list[tuple[str, str]]:
    """Request headers that ask a TimeGate for the memento nearest to `at` (RFC 7089 §2.1.1)."""
    return [("Accept-Datetime", format_datetime(at.astimezone(UTC), usegmt=True))]


def usable_address(
    target: str, *, base: str, allowed: AddressCheck, hosts: frozenset[str] | None
) -> str | None:
    """`target`, absolute, if it is on the web, short enough, allowed, and at one of `hosts`; else None."""
    address = _absolute(base, target)
    if not address.startswith(("http://", "https://")) or len(address) > MAX_ADDRESS:
        return None
    if not address.isprintable():
        return None
    if hosts is not None and host_of(address) not in hosts:
        return None
    return address if allowed(address) else None


def read_date(value: str, *, now: datetime) -> datetime | None:
    """A Memento-Datetime (RFC 7089 §2.1.1) in UTC, or None if it is none, or before the web, or after tomorrow."""
    if not _DATE.fullmatch(value.strip()):
        return None
    try:
        at = parsedate_to_datetime(value.strip())
    except (ValueError, TypeError):
        return None
    return at if FIRST_WEB_PAGE <= at <= now + CLOCK_SKEW else None


def is_same_original(said: Sequence[str], url: str) -> bool:
    """Whether a TimeMap speaks of `url`: archives drop scheme, "www.", port, case and closing slash (SURT)."""
    return not said or any(_plain(one) == _plain(url) for one in said)


def evenly(mementos: Sequence[Found], most: int) -> list[Found]:
    """At most `most` (at least 2) of `mementos`, spread evenly, the first and the last among them."""
    if len(mementos) <= most:
        return list(mementos)
    step = (len(mementos) - 1) / (most - 1)
    return [mementos[round(place * step)] for place in range(most)]


def host_of(address: str) -> str:
    """The host of an address in lower case; empty when there is none."""
    try:
        return (urlsplit(address).hostname or "").lower()
    except ValueError:
        return ""


def _absolute(base: str, target: str) -> str:
    try:
        return urljoin(base, target)
    except ValueError:
        return ""


def _plain(url: str) -> str:
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return url
    query = f"?{parts.query}" if parts.query else ""
    return unquote(f"{host}{parts.path.rstrip('/')}{query}").lower()


def _read_service(value: Any) -> Service:
    if not isinstance(value, Mapping) or not set(value) <= _KEYS:
        raise ValueError(f"A service is an object with {', '.join(sorted(_KEYS))}, not {value!r}.")
    name = value.get("name")
    if not isinstance(name, str) or not 0 < len(name.strip()) <= 100:
        raise ValueError("Each service needs a name of up to 100 characters.")
    templates = {key: value.get(key) or "" for key in ("timemap", "timegate", "save")}
    for key, template in templates.items():
        if template:
            _check_template(f"{key} of {name}", template)
    if not any(templates.values()):
        raise ValueError(f"{name} has neither timemap nor timegate nor save: nothing could be asked of it.")
    if not isinstance(value.get("any_host", False), bool):
        raise ValueError(f"any_host of {name} must be true or false.")
    return Service(name=name.strip(), any_host=bool(value.get("any_host")), **templates)


def _check_template(what: str, template: Any) -> None:
    if not isinstance(template, str) or not template.startswith(("http://", "https://")):
        raise ValueError(f"{what} must be an http or https address.")
    if len(_VARIABLE.findall(template)) != 1 or not _FIXED_PART.fullmatch(fixed_part(template)):
        raise ValueError(f"{what} must hold {{+url}} or {{url}} once, after the host.")
