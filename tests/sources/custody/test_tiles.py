import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.custody import merkle, tiles
from sources.custody.tiles import TileError, TilePath, decode_bundle, encode_bundle, parse_path


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (TilePath(0, 0), "tile/0/000"),
        (TilePath(3, 999, 7), "tile/3/999.p/7"),
        (TilePath(0, 1000), "tile/0/x001/000"),
        (TilePath(0, 1234067, 8), "tile/0/x001/x234/067.p/8"),
        (TilePath(None, 5), "tile/entries/005"),
    ],
)
def test_path_is_written_and_read(tile, path):
    assert str(tile) == path
    assert parse_path(path) == tile


@given(st.none() | st.integers(0, 63), st.integers(0, 2**62), st.integers(1, 256))
def test_path_is_read_back(level, index, width):
    assert parse_path(str(TilePath(level, index, width))) == TilePath(level, index, width)


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/0",
        "tile/00/000",
        "tile/64/000",
        "tile/0/x000/001",
        "tile/0/001/x000",
        "tile/0/x1/000",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000/",
        "tile/entries/",
        "tile/-1/000",
        "tile/0/٠٠٠",
        "../tile/0/000",
        "tile/0/000\n",
        "tile/0/" + "x999/" * 2000 + "000",
        "",
    ],
)
def test_path_has_one_spelling_only(path):
    with pytest.raises(TileError):
        parse_path(path)


def test_paths_of_the_specification_example():
    found = list(tiles.paths(70_000))
    widths = {level: [tile.width for tile in found if tile.level == level] for level in (None, 0, 1, 2)}
    assert widths == {None: [256] * 273 + [112], 0: [256] * 273 + [112], 1: [256, 17], 2: [1]}
    assert [str(tile) for tile in tiles.paths(256)] == ["tile/0/000", "tile/entries/000", "tile/1/000.p/1"]
    assert list(tiles.paths(0)) == []


@given(st.lists(st.binary(max_size=300), max_size=256))
def test_bundle_is_read_back_and_a_cut_one_refused(entries):
    data = encode_bundle(entries)
    assert decode_bundle(data) == entries
    if entries:
        with pytest.raises(TileError, match="cut off"):
            decode_bundle(data[:-1])


def test_bundle_refuses_what_does_not_fit():
    with pytest.raises(TileError, match="65536"):
        encode_bundle([b"x" * 2**16])
    with pytest.raises(TileError, match="at most 256"):
        decode_bundle(encode_bundle([b""] * 257))
    with pytest.raises(TileError, match="bytes long"):
        tiles.split_hashes(b"x" * 33)


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 300, 513])
def test_nodes_from_tiles_are_those_of_the_leaves(size):
    leaves = [merkle.leaf_hash(b"%d" % n) for n in range(size)]
    reads = []

    def read(level, index, width):
        reads.append((level, index, width))
        step = 256**level
        starts = range(index * 256 * step, (index * 256 + width) * step, step)
        return [merkle.complete_root(leaves[start : start + step]) for start in starts]

    nodes = tiles.nodes_from_tiles(read, size)
    for index in (0, size // 2, size - 1):
        expected = merkle.inclusion_proof(index, size, merkle.nodes_of(leaves))
        assert merkle.inclusion_proof(index, size, nodes) == expected
    assert merkle.root(size, nodes) == merkle.root(size, merkle.nodes_of(leaves))
    assert len(reads) == len(set(reads))
