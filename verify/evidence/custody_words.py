"""A custody report for people: parts, sections and records in the language of whoever asks, from the report's data.

The page and the PDF are both drawn from this, so that they say the same.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import get_language, get_language_bidi, gettext
from django.utils.translation import gettext_lazy as _

from sources.archive.models import (
    CaptureKind,
    CaptureMode,
    ChangeKind,
    ContentCredentials,
    Decision,
    Ground,
    RenditionKind,
)
from sources.archive.states import CaptureState
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
from verify.evidence.custody_report import Report
from verify.evidence.custody_words_claim import region_told, told

# The Berkeley Protocol's fields of a chain of custody, in its order, and what stands in each here.
FIELDS = {
    "custodian": (_("Custodian"), _("The desk that keeps it, who asked for it, and how it was acquired.")),
    "control": (
        _("Control"),
        _("Digests, how it is stored, and the log entries about it, each checked against the signed log."),
    ),
    "date_and_time": (
        _("Date and time"),
        _("When it was asked for, acquired and logged; and by when others attest that it existed."),
    ),
    "transfer": (
        _("Transfer"),
        _("From the other side into the archive, exchange by exchange; then each export, and each look under "
          "protection."),
    ),
    "analysis": (
        _("Analysis"),
        _("Texts read out of it, inspections of the file, quotations anchored in it, later copies compared."),
    ),
    "disposition": (_("Disposition"), _("Whether it is kept, failed or erased now, and on what ground.")),
}  # fmt: skip


def document(report: Report) -> Json:
    """The whole report in the active language."""
    data = report.data
    claim, captures = data["claim"], data["captures"]
    title = gettext("Custody report of a claim") if claim else gettext("Custody report of a capture")
    parts = [told(claim)] if claim else []
    parts += [_capture(each, number, len(captures)) for number, each in enumerate(captures, 1)]
    parts.append(_checkpoints(data["log"]["checkpoints"]))
    return {
        "lang": get_language() or "en",
        "dir": "rtl" if get_language_bidi() else "ltr",
        "title": title,
        "subject": data["scope"]["title"],
        "front": record([], [
            row(gettext("Made"), moment(data["made"]["at"])),
            row(gettext("Made for"), person(data["made"]["by"], gettext("the command line"))),
            row(gettext("By the software"), code(data["made"]["software"])),
            row(gettext("Log"), code(data["log"]["origin"])),
            row(gettext("Identifier"), code(data["scope"]["id"])),
            row(gettext("SHA-256 of this report as JSON"), code(report.sha256)),
        ])["rows"],
        "problems_title": gettext("What does not fit"),
        "problems": data["problems"],
        "no_problems": gettext("Everything that was re-checked for this report fits."),
        "parts": parts,
        "mapping_title": gettext("The Berkeley Protocol’s fields"),
        "mapping": [{"term": str(term), "text": str(text)} for term, text in FIELDS.values()],
        "limits_title": gettext("What this report does not show"),
        "limits": [gettext(limit) for limit in data["limits"]],
        "page": gettext("Page %(n)s of %(m)s"),
        "end": gettext("End of the report. SHA-256 of its JSON (RFC 8785):"),
        "sha256": report.sha256,
    }  # fmt: skip


def _capture(data: Json, number: int, total: int) -> Json:
    what = data["url"] or data["filename"]
    item = record(
        [code(what) if data["url"] else words(what)],
        [
            row(_("Identifier"), code(data["id"])),
            row(_("Kind"), plain(label(CaptureKind, data["kind"]))),
            row(_("How"), plain(label(CaptureMode, data["mode"])) if data["kind"] == "url" else None),
            row(_("File name"), words(data["filename"])),
            row(_("Document"), words(data["document"]["title"]) if data["document"] else None),
        ],
    )
    title = gettext("Capture")
    if total > 1:
        title = gettext("Capture %(n)s of %(m)s") % {"n": number, "m": total}
    readers = (_custodian, _control, _times, _transfer, _analysis, _disposition)
    sections = [
        section(FIELDS[name][0], read(data[name]), empty=_("Nothing is on record."))
        for name, read in zip(FIELDS, readers, strict=True)
    ]
    return {"title": title, "id": data["id"], "sections": [section("", [item]), *sections]}


def _custodian(data: Json) -> list[Json]:
    how = {
        "upload": _("handed in as a file, by whoever is named above"),
        "fetcher": _("fetched by the system over the network"),
    }
    return [
        record(
            [],
            [
                row(_("Desk"), words(data["desk"])),
                row(_("Asked for by"), person(data["requested_by"], _("the system or the command line"))),
                row(_("Acquired"), plain(how[data["acquired_by"]])),
            ],
        )
    ]


def _control(data: Json) -> list[Json]:
    digests, sizes = data["digests"], data["sizes"]
    rows = [
        row(_("Algorithm"), code(digests["algorithm"])),
        row(_("Body"), code(digests["body"]), _bytes(sizes["body"])),
        row(_("Package (WACZ)"), code(digests["package"]), _bytes(sizes["package"])),
        row("datapackage.json", code(digests["datapackage"])),
        *(
            row(label(RenditionKind, each["kind"]), code(each["sha256"]), _bytes(each["size"]))
            for each in data["renditions"]
        ),
        row(
            _("Stored"),
            plain(_("under the name of its digest; written once, never overwritten; for this desk only")),
        ),
    ]
    return [record([], rows, data["checks"]), *(entry(each) for each in data["entries"])]


def _bytes(size: int | None) -> Json | None:
    return plain(gettext("%(n)s bytes") % {"n": size}) if size is not None else None


def _under(size: int) -> str:
    return gettext("of checkpoint %(size)s") % {"size": size}


def _times(data: Json) -> list[Json]:
    attested = [
        cell
        for each in data["existed_by"]
        for cell in (moment(each["at"]), words(each["by"]), plain(_under(each["checkpoint"])))
    ]
    rows = [
        row(_("Asked for"), moment(data["requested_at"])),
        row(_("Begun"), moment(data["started_at"])),
        row(_("Finished"), moment(data["finished_at"])),
        row(_("Logged"), moment(data["logged_at"])),
        row(_("Existed by"), *(attested or [plain(_("no witness or timestamp authority attests it yet"))])),
        row(_("Clock"), plain(_("UTC; this installation’s, but for “existed by”, which others’ clocks say"))),
    ]
    return [record([], rows)]


def _transfer(data: Json) -> list[Json]:
    rows = [
        row(_("Led to"), code(data["final_url"])),
        row(_("Status"), code(data["http_status"])),
        row(_("Content as the bytes show"), code(data["media_type"])),
        row(_("Content as declared"), code(data["declared_type"])),
        row(_("Cut"), plain(_cut(data["cut"])) if data["http_status"] else None),
        row(
            _("Degraded"),
            plain(_("a page was asked for and no browser was there")) if data["degraded"] else None,
        ),
        row(_("To know"), *(words(note) for note in data["notes"])),
    ]
    attempts = [
        record(
            [plain(gettext("Try %(n)s") % {"n": each["number"]})],
            [
                row(_("When"), moment(each["started_at"]), moment(each["ended_at"])),
                row(_("Failed"), code(each["failure_code"]), words(each["failure_detail"])),
            ],
        )
        for each in data["attempts"]
    ]
    seen = [entry(each) for each in [*data["exports"], *data["views_under_protection"]]]
    return [record([], rows), *attempts, *(_exchange(each) for each in data["exchanges"]), *seen]


def _cut(value: str | None) -> str:
    return gettext("cut: %(why)s") % {"why": value} if value else gettext("no; the response is complete")


def _exchange(data: Json) -> Json:
    peer, tls = data["peer"], data["tls"]
    verified = None
    if tls:
        verified = _("its certificate chain was verified") if tls["chain_verified"] else _(
            "its certificate chain did NOT verify"
        )  # fmt: skip
    title = [code(f"{data['method']} {data['url']}"), code(data["status"])]
    digests = data["sha256"]
    if data["is_document"]:
        title.append(plain(_("the document")))
        more = [
            row(_("SHA-256 as sent"), code(digests["wire"])),
            row(_("SHA-256 decoded"), code(digests["decoded"])),
            row(_("Cut"), plain(_cut(data["cut"]))),
        ]
    else:
        more = [row(_("SHA-256 as sent"), code(digests["wire"]))]
        more += [row(_("Cut"), plain(_cut(data["cut"])))] if data["cut"] else []
    return record(
        title,
        [
            row(_("When"), moment(data["started_at"])),
            row(
                _("Answered by"),
                code(f"{peer['address']} port {peer['port']}"),
                code(tls["version"]) if tls else plain(_("without TLS")),
                plain(verified) if verified else None,
            ),
            row(_("Exception of the address guard"), words(data["guard_exception"] or "")),
            row(_("Received"), _bytes(data["size"])),
            *more,
        ],
    )


def _analysis(data: Json) -> list[Json]:
    texts = [
        record(
            [plain(_("Text")), code(f"{each['extractor']} {each['version']}")],
            [row(_("When"), moment(each["created_at"])), row("SHA-256", code(each["sha256"]))],
            each["checks"],
        )
        for each in data["texts"]
    ]
    inspections = [
        record(
            [plain(_("Inspection of the file")), code(each["inspector_version"])],
            [
                row(_("When"), moment(each["created_at"])),
                row(_("Facts that the file states of itself"), plain(each["facts"])),
                row(_("SHA-256 of the findings"), code(each["sha256"])),
                row(_("Taken, as the file says"), moment(each["taken_at"]),
                     words(each["taken_evidence"])),
                row(_("Content Credentials"), plain(label(ContentCredentials, each["credentials"]))),
                row(_("Stopped short"), words(each["problem"] or "")),
            ],
            each["checks"],
        )
        for each in data["inspections"]
    ]  # fmt: skip
    anchors = [
        record(
            [plain(_("Quotation anchored"))],
            [
                row(_("When"), moment(each["created_at"])),
                row(_("By"), words(each["created_by"])),
                row(_("Words"), words(each["exact"])),
                row(
                    _("Place"),
                    plain(
                        gettext("code points %(start)s to %(end)s")
                        % {"start": each["start"], "end": each["end"]}
                    ),
                ),
                row(_("In the text"), code(each["text_sha256"])),
                row(_("Claim"), code(each["claim"])),
            ],
            each["checks"],
        )
        for each in data["anchors"]
    ]
    regions = [region_told(each) for each in data["regions"]]
    return [*texts, *inspections, *anchors, *regions, *(_recheck(each) for each in data["rechecks"])]


def _recheck(data: Json) -> Json:
    return record(
        [plain(_("Compared with another copy")), plain(label(ChangeKind, data["kind"]))],
        [
            row(_("When"), moment(data["detected_at"])),
            row(_("Earlier copy"), code(data["before"])),
            row(_("Later copy"), code(data["after"])),
            row(
                _("Quotations"),
                plain(
                    gettext("%(n)s looked for, %(lost)s altered or gone")
                    % {"n": data["quotes_checked"], "lost": data["quotes_lost"]}
                ),
            ),
            row(_("Seen by"), words(data["seen_by"] or ""), moment(data["seen_at"])),
            row(_("Concluded"), words(data["seen_note"])),
        ],
    )


def _disposition(data: Json) -> list[Json]:
    rows = [
        row(_("Now"), plain(label(CaptureState, data["state"]))),
        row(_("Reason"), code(data["failure_code"]), words(data["failure_detail"])),
    ]
    asked = [
        record(
            [plain(_("Redaction asked for")), plain(label(Ground, each["ground"]))],
            [
                row(_("Asked for"), words(each["asked_by"]), moment(each["asked_at"])),
                row(
                    _("Decision"),
                    plain(label(Decision, each["decision"])),
                    words(each["decided_by"] or ""),
                    moment(each["decided_at"]),
                ),
                row(_("Bytes gone"), moment(each["erased_at"])),
            ],
        )
        for each in data["requests"]
    ]
    return [record([], rows), *asked, *(entry(each) for each in data["redactions"])]


def _checkpoints(rows: Sequence[Json]) -> Json:
    records = [
        record(
            [plain(gettext("Checkpoint of %(size)s entries") % {"size": each["size"]})],
            [
                row(_("Root hash"), code(each["root"])),
                row(_("Signed"), moment(each["signed_at"])),
                row(_("Key"), code(each["key"])),
                *(
                    row(_("Cosigned by"), words(one["witness"]), moment(one["at"]))
                    for one in each["cosignatures"]
                ),
                *(
                    row(
                        _("Timestamped by"),
                        words(one["authority"]),
                        moment(one["at"]),
                        plain(gettext("number %(n)s") % {"n": one["serial"]}),
                    )
                    for one in each["timestamps"]
                ),
            ],
            each["checks"],
        )
        for each in rows
    ]
    empty = _("The log is not signed yet.")
    return {
        "title": gettext("Signed heads of the log"),
        "id": "",
        "sections": [section("", records, empty=empty)],
    }
