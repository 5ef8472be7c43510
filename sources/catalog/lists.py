"""Lists of addresses as people have them: pasted lines, cells of a spreadsheet, a CSV file in whatever encoding.

Pure: neither Django nor Celery. Whatever is neither blank nor a comment becomes a row; what cannot be understood
becomes a row with its problem, so that nothing that was typed is lost.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

LONGEST_TITLE, LONGEST_OUTLET = 500, 200  # code points
COLUMNS = ("url", "title", "outlet")
DELIMITERS = ",;\t|"
COMMENT = "#"

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Without a byte order mark these two are believed if the words read as a language; the others only compete with them.
_BELIEVED = {"cp1256": "Windows-1256", "cp1252": "Windows-1252"}
_COMPETING = ["cp1256", "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255"]
_READS_AS_A_LANGUAGE = 0.3
_URL = re.compile(r"https?://[^\s<>\"“”«»]+", re.IGNORECASE)
_MARKER = re.compile(r"^\s*(?:[-*•–—·>]+|\(?\d{1,4}[.)])\s+")  # of a list: "- ", "3. ", "(4) "
_BETWEEN = " \t\u00a0-–—|:,;"  # what stands between an address and its words
_OPENING, _CLOSING = '<"“«([', '>"”»)]'
_SEPARATOR = re.compile(r"(?i)\"?sep=.\"?")  # Excel's own first line
_LINE_END = re.compile(r"\r\n|\r|\n|\u2028|\u2029|\u0085")


class Problem(StrEnum):
    """Why a row of a list gives nothing to ask for."""

    NO_ADDRESS = "no-address"
    SEVERAL_ADDRESSES = "several-addresses"
    TOO_MANY_CELLS = "too-many-cells"


class Fault(StrEnum):
    """Why a list as a whole cannot be read."""

    ENCODING_UNKNOWN = "encoding-unknown"
    QUOTES_BROKEN = "quotes-broken"


class Unreadable(ValueError):
    """The list cannot be read; `line` is where, counted from 1, or None."""

    def __init__(self, fault: Fault, line: int | None = None) -> None:
        super().__init__(fault)
        self.fault, self.line = fault, line


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list; `number` is the line's, counted from 1 with blank lines and comments."""

    number: int
    url: str  # as typed; the whole line where there is a problem
    title: str = ""
    outlet: str = ""
    problem: Problem | None = None
    cut: bool = False  # the title or the outlet was longer than may be kept


def decode(content: bytes) -> tuple[str, str]:
    """The text of a file, and the name of the encoding where that had to be guessed, else "". Raises Unreadable."""
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return _decoded(content[len(mark) :], encoding), ""
    if b"\x00" in content:  # no text in ASCII's company has one, except in UTF-16
        little = content[1::2].count(0) >= content[::2].count(0)
        return _decoded(content, "utf-16-le" if little else "utf-16-be"), ""
    try:
        return content.decode(), ""
    except UnicodeDecodeError:
        encoding = _guessed(content)
    return _decoded(content, encoding), _BELIEVED[encoding]


def read(text: str) -> list[Row]:
    """The rows of a list: CSV if its first line is a header with a column `url`, else an address a line.

    A pasted line may hold a title before or after its address, or tab-separated cells as a spreadsheet copies them.
    Raises Unreadable.
    """
    # PostgreSQL keeps no NUL in a text, and a lone surrogate is no character.
    text = text.removeprefix("\ufeff").replace("\x00", "\ufffd").encode("utf-8", "replace").decode()
    lines = _LINE_END.split(text)
    for number, line in enumerate(lines, 1):
        if _says_something(line) and not _SEPARATOR.fullmatch(line.strip()):
            if header := _header(line):
                return list(_from_csv("\n".join(lines[number:]), number, *header))
            break
    return [_from_line(number, line) for number, line in enumerate(lines, 1) if _says_something(line)]


def _decoded(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable(Fault.ENCODING_UNKNOWN) from error


def _guessed(content: bytes) -> str:
    from charset_normalizer import from_bytes  # a tenth of a second to import, and seldom needed

    # Addresses are ASCII in any encoding and drown the words that could tell.
    words = [word for word in re.split(rb"[\s,;|\"]+", content) if not word.isascii()]
    rivals = from_bytes(b"\n".join(words[:5000]), cp_isolation=_COMPETING)
    best = rivals.best()
    if best is None or best.encoding not in _BELIEVED:
        raise Unreadable(Fault.ENCODING_UNKNOWN)
    # A few words are too short to read as a language; then every other encoding must have made no words of them.
    if best.coherence < _READS_AS_A_LANGUAGE and len(rivals) > 1:
        raise Unreadable(Fault.ENCODING_UNKNOWN)
    return best.encoding


def _says_something(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith(COMMENT)


def _header(line: str) -> tuple[str, list[str]] | None:
    """The delimiter and the column names, if the line is a header with a column `url`; "" for a single column."""
    for delimiter in DELIMITERS:
        names = [cell.strip().strip("\"'").strip().lower() for cell in line.split(delimiter)]
        if "url" in names:
            return (delimiter if len(names) > 1 else ""), names
    return None


def _from_csv(text: str, before: int, delimiter: str, names: list[str]) -> Iterator[Row]:
    if not delimiter:  # a comma in an address is part of it
        for number, line in enumerate(text.split("\n"), before + 1):
            if _says_something(line):
                yield _row(number, line.strip().strip('"'))
        return
    cells = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    while True:
        number = before + cells.line_num + 1
        try:
            values = next(cells)
        except StopIteration:
            return
        except csv.Error as error:
            raise Unreadable(Fault.QUOTES_BROKEN, number) from error
        if any(value.strip() for value in values) and not values[0].lstrip().startswith(COMMENT):
            yield _from_cells(number, values, names, delimiter)


def _from_cells(number: int, values: list[str], names: list[str], delimiter: str) -> Row:
    extra = values[len(names) :]
    if any(value.strip() for value in extra):
        return Row(number, delimiter.join(values), problem=Problem.TOO_MANY_CELLS)
    # Of two columns of one name the first counts, as in a spreadsheet's own import.
    given = dict(reversed(list(zip(names, (value.strip() for value in values), strict=False))))
    if not given.get("url"):
        return Row(number, delimiter.join(values), problem=Problem.NO_ADDRESS)
    return _row(number, *(given.get(name, "") for name in COLUMNS))


def _from_line(number: int, line: str) -> Row:
    cells = [cell.strip() for cell in line.split("\t")]
    address = _MARKER.sub("", line).strip()
    if len(address.split()) == 1 and _URL.match(address.lstrip(_OPENING)):
        quoted = address[0] in _OPENING and address[-1] in _CLOSING
        return _row(number, address[1:-1] if quoted else address)
    found = _URL.findall(line)
    if len(found) > 1:
        return Row(number, line.strip(), problem=Problem.SEVERAL_ADDRESSES)
    if len(cells) > 1 and (not found or cells[0] == found[0]):
        return _from_cells(number, cells, list(COLUMNS), "\t")
    if found:
        before, _, after = address.partition(found[0])
        if before and after and before[-1] in _OPENING and after[0] in _CLOSING:
            before, after = before[:-1], after[1:]
        words = (part.strip(_BETWEEN) for part in (before, after))
        return _row(number, found[0], " – ".join(filter(None, words)))
    # An address without its scheme is the guard's to judge; several words are none.
    return (
        _row(number, address)
        if len(address.split()) == 1
        else Row(number, address, problem=Problem.NO_ADDRESS)
    )


def _row(number: int, url: str, title: str = "", outlet: str = "") -> Row:
    title, outlet = " ".join(title.split()), " ".join(outlet.split())
    cut = len(title) > LONGEST_TITLE or len(outlet) > LONGEST_OUTLET
    return Row(number, url, title[:LONGEST_TITLE], outlet[:LONGEST_OUTLET], cut=cut)
