"""The pieces that a custody report is told in: cells, rows, records, sections, log entries.

A cell is {"t": text, "k": kind}; the kinds are words (somebody's own), plain (ours), code (digests, addresses, ids:
left to right), time, pass, fail and none. Titles and terms come lazily translated and leave as texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sources.custody.kinds import Kind

Json = dict[str, Any]
Row = tuple[str, list[Json]]


def words(text: object) -> Json:
    return {"t": str(text), "k": "words"}


def plain(text: object) -> Json:
    return {"t": str(text), "k": "plain"}


def code(text: object) -> Json:
    return {"t": str(text), "k": "code"}


def moment(text: str | None) -> Json:
    """2025-03-09 10:11:12.123456 UTC; an empty cell for no time."""
    return {"t": text.replace("T", " ").replace("Z", " UTC") if text else "", "k": "time"}


def row(term: object, *cells: Json | None) -> Row:
    """A term and its cells, without those that say nothing."""
    return str(term), [cell for cell in cells if cell and cell["t"] not in ("", "None")]


def record(title: Sequence[Json], rows: Iterable[Row], checks: Iterable[Json] = ()) -> Json:
    """A block of terms and values; terms without a value are left out. Checks that failed are told in full."""
    told = [{"term": term, "cells": cells} for term, cells in rows if cells]
    found = [_checked(each) for each in checks]
    failed = [cell for cell in found if cell["k"] != "pass"]
    if found:
        fits = {"t": gettext("checked, fits"), "k": "pass"}
        told.append({"term": gettext("Checks"), "cells": failed or [fits]})
    return {"title": list(title), "rows": told}


def _checked(each: Json) -> Json:
    if each["result"] == "pass":
        return {"t": "", "k": "pass"}
    if each["result"] == "fail":
        return {"t": gettext("Does not fit: ") + each["detail"], "k": "fail"}
    return {"t": gettext("Not checked: ") + each["detail"], "k": "none"}


def section(title: object, records: Sequence[Json], *, empty: object = "") -> Json:
    return {"title": str(title), "records": list(records), "empty": str(empty)}


def person(name: str | None, otherwise: object) -> Json:
    return words(name) if name else plain(otherwise)


def _actor(actor: Json) -> Json:
    if actor["type"] == "person":
        return words(actor["name"])
    labels = {
        "system": _("the system"),
        "erased": _("erased: somebody whose name was destroyed on legal grounds"),
    }
    return plain(labels.get(actor["type"], _("unknown")))


def label(choices: Any, value: str) -> str:
    return str(choices(value).label) if value in choices.values else value


def entry(data: Json) -> Json:
    """A log entry, with who acted and under which signed head it is proven."""
    facts = [row(name, code(_plainly(value))) for name, value in data["facts"].items()]
    kept = [
        gettext("%(name)s (erased)") % {"name": name} if state == "erased" else name
        for name, state in data["commitments"].items()
    ]
    return record(
        [
            plain(
                gettext("Entry %(index)s: %(kind)s")
                % {"index": data["index"], "kind": label(Kind, data["kind"])}
            )
        ],
        [
            row(_("When"), moment(data["at"])),
            row(_("By"), _actor(data["actor"])),
            *facts,
            row(_("Committed to, not shown"), plain(", ".join(kept))),
            row(_("Leaf hash"), code(data["leaf_hash"])),
            row(_("Signed"), plain(_signed(data))),
        ],
        data["checks"],
    )


def _plainly(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(_plainly(each) for each in value)
    return str(value)


def _signed(data: Json) -> str:
    """Under which checkpoints, by their sizes."""
    if data["checkpoint"] is None:
        return gettext("in no checkpoint yet")
    said = [gettext("first in checkpoint %(size)s") % {"size": data["checkpoint"]}]
    if data["cosigned_checkpoint"]:
        said.append(gettext("cosigned in %(size)s") % {"size": data["cosigned_checkpoint"]})
    if data["timestamped_checkpoint"]:
        said.append(gettext("timestamped in %(size)s") % {"size": data["timestamped_checkpoint"]})
    return "; ".join(said)
