"""The part of a custody report about a claim itself, for people; see custody_words.py."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from claims.attribution.models import Polarity, RegionKind, Stance, Verb
from claims.statements.models import Axis
from claims.statements.states import Workflow
from sources.precision import Precision
from verify.evidence.custody_cells import (
    Json,
    code,
    entry,
    label,
    moment,
    person,
    plain,
    record,
    row,
    section,
    words,
)
from verify.publish.models import VersionKind
from verify.publish.states import PublicationState
from verify.review.models import Answer, Opinion, TaskKind
from verify.review.states import TaskState

PIECES = ("assertion", "document", "capture", "region")


def told(data: Json) -> Json:
    item = record(
        [words(data["text"])],
        [
            row(_("Identifier"), code(data["id"])),
            row(_("Case"), words(data["case"] or "")),
            row(_("Written"), words(data["author"]), moment(data["created_at"])),
            row(
                _("Changed"),
                words(data["changed_by"]),
                moment(data["changed_at"]),
                plain(gettext("revision %(n)s") % {"n": data["revision"]}),
            ),
            row(_("Workflow"), plain(label(Workflow, data["workflow"]))),
            row(_("Publication"), plain(label(PublicationState, data["publication"]))),
        ],
    )
    nothing = _("Nothing is on record.")
    return {
        "title": gettext("The claim"),
        "id": data["id"],
        "sections": [
            section("", [item]),
            section(_("Assertions"), [_assertion(each) for each in data["assertions"]], empty=nothing),
            section(_("Places in files"), [region_told(each) for each in data["regions"]], empty=nothing),
            section(_("Evidence"), [_evidence(each) for each in data["evidence"]], empty=nothing),
            section(
                _("Verdicts and reviews"),
                [*map(_verdict, data["verdicts"]), *map(_review, data["reviews"])],
                empty=nothing,
            ),
            section(
                _("Published and corrected"), [_version(each) for each in data["versions"]], empty=nothing
            ),
            section(_("History"), [_move(each) for each in data["moves"]], empty=nothing),
            section(
                _("In the log"),
                [entry(each) for each in [*data["entries"], *data["views_under_protection"]]],
                empty=nothing,
            ),
        ],
    }


def _assertion(data: Json) -> Json:
    return record(
        [words(data["speaker"]), plain(label(Verb, data["verb"])), plain(label(Polarity, data["polarity"]))],
        [
            row(_("On behalf of"), words(data["on_behalf_of"] or "")),
            row(_("Through the outlet"), words(data["outlet"] or "")),
            row(_("Said"), *_said(data)),
            row(_("Shown in"), code(data["document"] or "")),
            *(
                row(_("Quotation"), words(each["exact"]), code(f"capture {each['capture']}"))
                for each in data["quotes"]
            ),
            row(_("Recorded"), moment(data["created_at"])),
        ],
    )


def region_told(data: Json) -> Json:
    return record(
        [plain(label(RegionKind, data["kind"])), code(f"#{data['fragment']}")],
        [
            row(_("Shows"), words(data["shows"])),
            row(_("The file says"), words(data["found"])),
            row(_("In the file"), code(data["blob_sha256"]), code(f"capture {data['capture']}")),
            row(_("Of"), code(f"assertion {data['assertion']}") if data["assertion"] else None),
            row(_("Marked"), words(data["marked_by"]), moment(data["marked_at"])),
        ],
        data["checks"],
    )


def _said(data: Json) -> list[Json]:
    if not data["said_at"]:
        return []
    return [
        moment(data["said_at"]),
        plain(str(Precision(data["said_precision"]).label)),
    ]


def _evidence(data: Json) -> Json:
    return record(
        [plain(label(Stance, data["stance"]))],
        [
            row(_("Reason"), words(data["reason"])),
            row(_("Credibility"), plain(data["credibility"])),
            row(_("Of"), *(code(f"{name} {data[name]}") for name in PIECES if data[name])),
            row(_("Linked"), words(data["linked_by"]), moment(data["linked_at"])),
        ],
    )


def _verdict(data: Json) -> Json:
    return record(
        [plain(gettext("Verdict %(n)s") % {"n": data["number"]}), words(data["label"])],
        [
            row(_("Reasoning"), words(data["rationale"])),
            row(_("Proposed"), words(data["proposed_by"]), moment(data["proposed_at"])),
            row(
                _("Approved"),
                moment(data["approved_at"]) if data["approved_at"] else plain(_("not yet")),
            ),
            row(_("Content approved"), code(data["approved_digest"])),
        ],
        data["checks"],
    )


def _review(data: Json) -> Json:
    opinion: Json = plain(_("none"))
    if data["blind"]:
        opinion = plain(_("not told while an opinion is outstanding: reviews are blind until all are in"))
    elif data["opinion"]:
        opinion = plain(label(Opinion, data["opinion"]))
    return record(
        [plain(_("Review")), plain(label(TaskKind, data["kind"]))],
        [
            row(_("Reviewer"), person(data["reviewer"], _("nobody yet"))),
            row(_("Asked for"), moment(data["asked_at"])),
            row(_("Task"), None if data["blind"] else plain(label(TaskState, data["state"]))),
            row(_("Opinion"), opinion),
            row(_("Own verdict"), words(data["label"] or "")),
            *(
                row(_("Checklist"), words(each["question"]), plain(label(Answer, each["answer"])))
                for each in data["answers"]
            ),
            row(_("Reason"), words(data["reason"] or "")),
            row(_("Given"), moment(data["submitted_at"])),
            row(_("Content judged"), code(data["content_digest"])),
        ],
    )


def _version(data: Json) -> Json:
    return record(
        [plain(gettext("Version %(n)s") % {"n": data["number"]}), plain(label(VersionKind, data["kind"]))],
        [
            row(_("When"), moment(data["published_at"])),
            row(_("By"), words(data["published_by"])),
            row(_("Reason"), words(data["reason"])),
            row("SHA-256", code(data["sha256"])),
            row(_("Content approved"), code(data["content_digest"])),
        ],
        data["checks"],
    )


def _move(data: Json) -> Json:
    states: Any = Workflow if data["axis"] == Axis.WORKFLOW else PublicationState
    old, new = (label(states, data[name]) for name in ("old", "new"))
    return record(
        [
            plain(label(Axis, data["axis"])),
            plain(gettext("%(old)s, then %(new)s") % {"old": old, "new": new} if old else new),
        ],
        [
            row(_("When"), moment(data["at"])),
            row(_("By"), person(data["by"], _("the system"))),
            row(_("Reason"), words(data["reason"])),
        ],
    )
