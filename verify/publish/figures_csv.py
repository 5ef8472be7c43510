"""The figures of claims as CSV (RFC 4180) that a spreadsheet opens without executing anything. Pure.

UTF-8 with a byte order mark, so that spreadsheets read Arabic; lines end in CR LF; text is quoted, numbers are not.
Text from the web may begin like a formula: `defused` puts an apostrophe before it, `restored` takes it off again.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from verify.publish.schemas import current

Json = Mapping[str, Any]
Cell = str | int | None

MEDIA_TYPE = "text/csv; charset=utf-8; header=present"
WARNING = (
    "Figures of different scope, source or day must not be added or compared: check what each one counts. "
    "A bound or a vague word is not a count."
)
COLUMNS = (
    *("claim_id", "claim", "figure_id", "counts", "lower", "point", "upper", "qualifier", "as_written"),
    *("unit", "category", "perpetrator", "place", "place_as_written", "window_from", "window_to", "as_of"),
    *("given_by", "supersedes", "superseded_by", "part_of", "parts_are_all"),
    *("documents", "archived_copies", "archived_at", "log_entries", "warning"),
)

# A cell begins at the start of the text; for a reader that takes another separator or knows no quotes, also after
# one. In front of what matters may stand blanks, quotation marks and characters that nobody sees.
_STARTS = re.compile(r"(?:^|(?<=[,;\t\r\n|]))")
_FORMULA = frozenset("=+-@")
_APOSTROPHE = "'"
_CATEGORIES_SKIPPED = ("Z", "C", "Pi", "Pf")


def figures_csv(claims: Iterable[Json]) -> bytes:
    """The figures of `claims` (contents, or published claims), a row each, under a header row."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows(claims):
        writer.writerow([_cell(row[column]) for column in COLUMNS])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def rows(claims: Iterable[Json]) -> Iterator[dict[str, Cell]]:
    """What stands in the columns, before it is defused."""
    told = [current(claim) for claim in claims]
    later = {figure["supersedes"]: figure["id"] for claim in told for figure in claim["figures"]}
    for claim in told:
        for figure in claim["figures"]:
            said = [each for each in claim["assertions"] if figure["id"] in each["figures"]]
            yield _row(claim, figure, said, later.get(figure["id"], ""))


def defused(text: str) -> str:
    """`text` with an apostrophe wherever a cell would begin like a formula, or begins with an apostrophe itself."""
    marked = [at.start() for at in _STARTS.finditer(text) if _is_marked(text, at.start())]
    for at in reversed(marked):
        text = text[:at] + _APOSTROPHE + text[at:]
    return text


def restored(text: str) -> str:
    """What `defused` was given: one apostrophe less wherever a cell begins with one."""
    return re.sub(_STARTS.pattern + _APOSTROPHE, "", text)


def _is_marked(text: str, start: int) -> bool:
    if text[start : start + 1] == _APOSTROPHE:
        return True
    for char in text[start:]:
        if unicodedata.normalize("NFKC", char) in _FORMULA:  # also the full width and the small forms
            return True
        if char in "\t\r\n,;|":
            return start == 0 and char in "\t\r\n"  # what begins with these is marked whatever follows
        if char not in "\"'`" and not unicodedata.category(char).startswith(_CATEGORIES_SKIPPED):
            return False
    return False


def _cell(value: Cell) -> str | int:
    if isinstance(value, str):
        return defused(value)
    return "" if value is None else value


def _row(claim: Json, figure: Json, said: list[Json], later: str) -> dict[str, Cell]:
    place = figure["place"]
    captures = _captures(said)
    return {
        "claim_id": claim["id"],
        "claim": claim.get("headline") or claim["text"],
        "figure_id": figure["id"],
        "counts": counts(figure),
        **{name: figure[name] for name in ("lower", "point", "upper", "qualifier", "as_written")},
        **{name: figure[name] for name in ("unit", "category", "perpetrator")},
        "place": " > ".join(place["path"]) if place else "",
        "place_as_written": figure["place_as_written"],
        "window_from": figure["window"][0],
        "window_to": figure["window"][1],
        "as_of": figure["as_of"],
        "given_by": "; ".join(sorted({each["speaker"]["name"] for each in said})),
        "supersedes": figure["supersedes"],
        "superseded_by": later,
        "part_of": figure["part_of"],
        "parts_are_all": "yes" if figure["parts_are_all"] else "",
        "documents": " ".join(dict.fromkeys(each["document"]["url"] for each in said if each["document"])),
        "archived_copies": " ".join(captures),
        "archived_at": " ".join(each["finished_at"] or "" for each in captures.values()),
        "log_entries": " ".join(
            str(each["entry"]) for each in captures.values() if each["entry"] is not None
        ),
        "warning": WARNING,
    }


def counts(figure: Json) -> str:
    """What the figure counts, in a sentence without the number: “people killed, civilians, in Latakia, Syria, …”."""
    place = figure["place"]
    where = ", ".join(reversed(place["path"])) if place else figure["place_as_written"]
    begin, end = figure["window"]
    parts = [
        figure["unit"].replace("-", " "),
        figure["category"].replace("-", " ") or "victims: not stated",
        f"by {figure['perpetrator']}" if figure["perpetrator"] else "",
        f"in {where}" if where else "place: not stated",
        f"from {begin or '…'} to {end or '…'}" if begin or end else "days: not stated",
        f"as known by {figure['as_of']}" if figure["as_of"] else "",
    ]
    return ", ".join(filter(None, parts))


def _captures(said: list[Json]) -> dict[str, Json]:
    """The archived copies that show who gave it, by id, in the order of the telling."""
    shown = [piece["capture"] for each in said for piece in (*each["quotes"], *each["regions"])]
    return {capture["id"]: capture for capture in shown}
