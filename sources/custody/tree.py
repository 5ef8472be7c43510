"""The log's tree as it lies in the database: full tiles as rows, the ragged right edge from entries and tile roots."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from django.db.models import Max

from sources.custody.merkle import Nodes, complete_root, leaf_hash
from sources.custody.models import Entry, Tile
from sources.custody.tiles import WIDTH, TilePath, encode_bundle, full_tiles, nodes_from_tiles, split_hashes

_TILES_AT_ONCE = 64


class NotInLog(LookupError):
    """The log, at the size asked about, has no such tile, bundle or entry."""


def log_size() -> int:
    """How many entries the log holds, committed ones and those of the current transaction."""
    last = Entry.objects.aggregate(last=Max("index"))["last"]
    return 0 if last is None else last + 1


def integrate(size: int) -> None:
    """Write every full tile of the tree of `size` leaves that is not there yet."""
    level = 0
    while full := full_tiles(level, size):
        last = Tile.objects.filter(level=level).aggregate(last=Max("index"))["last"]
        first = 0 if last is None else last + 1
        rows = _full_rows(level, first, full)
        while batch := list(islice(rows, _TILES_AT_ONCE)):
            Tile.objects.bulk_create(batch)
        level += 1


def tree_nodes(size: int) -> Nodes:
    """The complete subtrees of the tree of `size` leaves, whose full tiles must be written."""
    return nodes_from_tiles(tile_hashes, size)


def tile_hashes(level: int, index: int, width: int) -> list[bytes]:
    """The first `width` hashes of a tile: one row if it is full, else up to 255 rows of the level below."""
    full = Tile.objects.filter(level=level, index=index).values_list("hashes", flat=True).first()
    if full is not None:
        return split_hashes(bytes(full))[:width]
    hashes = list(_hashes_below(level, index * WIDTH, index * WIDTH + width))
    if len(hashes) != width or width == WIDTH:
        raise NotInLog(f"tile {level}/{index} of width {width} is not in the database; run fsck")
    return hashes


def tile_bytes(tile: TilePath, size: int) -> bytes:
    """What is served under the path `tile` by a log whose newest checkpoint has `size` leaves."""
    if tile.index * WIDTH + tile.width > size >> (8 * (tile.level or 0)):
        raise NotInLog(f"the log of {size} entries has no {tile}")
    if tile.level is None:
        bodies = _bodies(tile.index * WIDTH, tile.width)
        if [leaf_hash(body) for body in bodies] != tile_hashes(0, tile.index, tile.width):
            raise NotInLog(f"the entries of {tile} are not those of its hashes; run fsck")
        return encode_bundle(bodies)
    return b"".join(tile_hashes(tile.level, tile.index, tile.width))


def _bodies(first: int, count: int) -> list[bytes]:
    rows = Entry.objects.filter(index__gte=first, index__lt=first + count).order_by("index")
    bodies = [bytes(body) for body in rows.values_list("body", flat=True)]
    if len(bodies) != count:
        raise NotInLog(f"entries from {first} on are missing from the database; run fsck")
    return bodies


def _full_rows(level: int, first: int, end: int) -> Iterator[Tile]:
    for index in range(first, end, _TILES_AT_ONCE):
        stop = min(index + _TILES_AT_ONCE, end)
        below = iter(_hashes_below(level, index * WIDTH, stop * WIDTH))
        for number in range(index, stop):
            yield _full_row(level, number, list(islice(below, WIDTH)))


def _full_row(level: int, index: int, hashes: Sequence[bytes]) -> Tile:
    if len(hashes) != WIDTH:
        raise NotInLog(f"hashes for tile {level}/{index} are missing from the database; run fsck")
    return Tile(level=level, index=index, hashes=b"".join(hashes), root=complete_root(hashes))


def _hashes_below(level: int, first: int, end: int) -> Iterable[bytes]:
    """What the hashes `first` to `end` of a level are made of: leaf hashes, or roots of the tiles one level down."""
    hashes: Iterable[bytes | memoryview]
    if level == 0:
        entries = Entry.objects.filter(index__gte=first, index__lt=end).order_by("index")
        hashes = entries.values_list("leaf_hash", flat=True)
    else:
        tiles = Tile.objects.filter(level=level - 1, index__gte=first, index__lt=end).order_by("index")
        hashes = tiles.values_list("root", flat=True)
    return [bytes(item) for item in hashes]
