"""C2SP tlog-tiles: how a log's tree and entries are cut into static files of 256 (c2sp.org/tlog-tiles)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from sources.custody.merkle import HASH_SIZE, Nodes, complete_root

HEIGHT = 8
WIDTH = 1 << HEIGHT
TILE_SIZE = WIDTH * HASH_SIZE  # bytes
MAX_ENTRY_SIZE = 2**16 - 1  # bytes: an entry bundle gives each length as an unsigned 16-bit number
MAX_LEVEL = 63
MAX_PATH = 64  # characters; enough for index 2**63

_PATH = re.compile(
    r"tile/(?P<level>entries|0|[1-9][0-9]?)/(?P<high>(?:x[0-9]{3}/)*)(?P<low>[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?",
    re.ASCII,
)


class TileError(ValueError):
    """A tile's path or content is not what the specification allows."""


@dataclass(frozen=True)
class TilePath:
    """One tile (`level` 0 … 63) or entry bundle (`level` None); `width` 256 is a full one."""

    level: int | None
    index: int
    width: int = WIDTH

    def __str__(self) -> str:
        """The path below the log's prefix, such as `tile/0/x001/x234/067.p/8`."""
        digits = f"{self.index:03d}"
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        parts = [digits[i : i + 3] for i in range(0, len(digits), 3)]
        number = "/".join([*("x" + part for part in parts[:-1]), parts[-1]])
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{'entries' if self.level is None else self.level}/{number}{partial}"


def parse_path(path: str) -> TilePath:
    """Read a path below the log's prefix; `TileError` for anything but the one way to write it."""
    match = _PATH.fullmatch(path)
    if match is None or len(path) > MAX_PATH:
        raise TileError("this is not the path of a tile or of an entry bundle")
    level = None if match["level"] == "entries" else int(match["level"])
    index = int(match["high"].replace("x", "").replace("/", "") + match["low"])
    tile = TilePath(level, index, int(match["width"] or WIDTH))
    if (level or 0) > MAX_LEVEL or index >= 2**63 or str(tile) != path:
        raise TileError("this is not the path of a tile or of an entry bundle")
    return tile


def partial_width(level: int, size: int) -> int:
    """How many hashes the partial tile of `level` has in a tree of `size` leaves; 0 means that there is none."""
    return (size >> (HEIGHT * level)) % WIDTH


def full_tiles(level: int, size: int) -> int:
    """How many full tiles `level` has in a tree of `size` leaves."""
    return size >> (HEIGHT * (level + 1))


def paths(size: int) -> Iterator[TilePath]:
    """Every tile and bundle, full and partial, of a tree of `size` leaves."""
    level = 0
    while size >> (HEIGHT * level):
        kinds = (level, None) if level == 0 else (level,)
        for kind in kinds:
            full, width = full_tiles(level, size), partial_width(level, size)
            yield from (TilePath(kind, index) for index in range(full))
            if width:
                yield TilePath(kind, full, width)
        level += 1


def split_hashes(data: bytes) -> list[bytes]:
    """The hashes of a tile, in order."""
    if not data or len(data) % HASH_SIZE or len(data) > TILE_SIZE:
        raise TileError(f"a tile cannot be {len(data)} bytes long")
    return [data[i : i + HASH_SIZE] for i in range(0, len(data), HASH_SIZE)]


def encode_bundle(entries: Iterable[bytes]) -> bytes:
    """An entry bundle: each entry after its length as a big-endian 16-bit number."""
    parts = []
    for entry in entries:
        if len(entry) > MAX_ENTRY_SIZE:
            raise TileError(
                f"an entry of {len(entry)} bytes does not fit into a bundle (at most {MAX_ENTRY_SIZE})"
            )
        parts += [len(entry).to_bytes(2, "big"), entry]
    return b"".join(parts)


def decode_bundle(data: bytes) -> list[bytes]:
    """The entries of a bundle; `TileError` if it is cut off or holds more than 256."""
    entries, at = [], 0
    while at < len(data):
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        if at + 2 > len(data) or end > len(data):
            raise TileError("the entry bundle is cut off")
        entries.append(data[at + 2 : end])
        at = end
    if len(entries) > WIDTH:
        raise TileError(f"an entry bundle holds at most {WIDTH} entries, not {len(entries)}")
    return entries


def nodes_from_tiles(read: Callable[[int, int, int], Sequence[bytes]], size: int) -> Nodes:
    """A `Nodes` function for a tree of `size` leaves over tiles.

    `read(level, index, width)` gives the first `width` hashes of a tile. Each tile is read once; a proof needs at
    most two per level, so O(log n) reads.
    """
    cache: dict[tuple[int, int], Sequence[bytes]] = {}

    def tile(level: int, index: int) -> Sequence[bytes]:
        if (level, index) not in cache:
            width = WIDTH if index < full_tiles(level, size) else partial_width(level, size)
            cache[level, index] = read(level, index, width)
        return cache[level, index]

    def nodes(height: int, position: int) -> bytes:
        level, rest = divmod(height, HEIGHT)
        first = position << rest
        start = first % WIDTH
        return complete_root(tile(level, first // WIDTH)[start : start + (1 << rest)])

    return nodes
