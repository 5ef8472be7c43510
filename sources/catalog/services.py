"""What people do in the catalog: register sources and documents, grade, affiliate, seal and look at identities."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sources.archive import outside, watching
from sources.archive import services as archive
from sources.archive.models import Capture, CaptureMode, OutsideRequest, Watch
from sources.archive.redaction import without_query
from sources.archive.states import CaptureState
from sources.catalog import identity, names, protected_persons, rules
from sources.catalog.affiliations import affiliate as affiliate  # said here by those who register sources
from sources.catalog.changing import check_why, lock_standing
from sources.catalog.models import (
    Alias,
    BatchRow,
    Document,
    Grade,
    ProtectedIdentity,
    Reliability,
    Source,
    SourceKind,
)
from sources.catalog.protected_persons import view_identity as view_identity
from sources.custody import services as custody
from sources.custody.kinds import Kind as EntryKind
from sources.precision import Precision
from verify.accounts.acting import acting
from verify.accounts.models import Desk, User

LONGEST_URL = 2048  # code points of a document's address, as the fetcher asks for it


@transaction.atomic
def register_source(
    *,
    desk: Desk,
    kind: SourceKind,
    name: str,
    by: User,
    at: datetime,
    description: str = "",
    homepage: str = "",
    is_party: bool = False,
    aliases: list[tuple[str, str]] | None = None,
    secret_name: str = "",
) -> Source:
    """Add a source to a desk's registry; `aliases` are (name, BCP 47 language).

    For a protected person `name` is the pseudonym, and `secret_name`, if the desk knows it, who it is: it is encrypted
    at once, and `by` becomes its custodian.
    """
    rules.check_can_edit_catalog(by, desk)
    protected = kind == SourceKind.PROTECTED_PERSON
    if secret_name and not protected:
        raise ValidationError({"secret_name": _("Only a protected person has an identity to keep secret.")})
    if secret_name and protected_persons.gives_away(
        secret_name, name, description, homepage, *(alias for alias, _language in aliases or [])
    ):
        raise ValidationError(
            {"name": _("The pseudonym, the description or another name gives the name away.")}
        )
    source = Source(
        desk=desk,
        kind=kind,
        name=name,
        description=description,
        homepage=homepage,
        is_party=is_party or kind == SourceKind.PARTY,
        key=names.key(name),
        created_by=by,
        created_at=at,
    )
    source.full_clean()
    with acting(by=by, at=at):
        source.save(force_insert=True)
        for alias, language in dict(aliases or []).items():
            if alias != name:
                _keep_alias(source, alias, language, field="aliases")
    if secret_name:
        sealed = ProtectedIdentity.objects.create(
            source=source, sealed=identity.seal(secret_name, source.pk), sealed_at=at
        )
        sealed.custodians.add(by)
    return source


@transaction.atomic
def correct_source(
    *,
    source: Source,
    kind: SourceKind,
    name: str,
    description: str,
    homepage: str,
    is_party: bool,
    by: User,
    at: datetime,
    why: str,
) -> Source:
    """Change what is said of a source, for the reason `why`; what was said before stays in its history.

    Who is protected stays so, and nobody becomes so. What is said of a protected person is the custodians' to change.
    """
    rules.check_can_edit_catalog(by, source.desk)
    check_why(why)
    source = lock_standing(source)
    if SourceKind.PROTECTED_PERSON in (kind, source.kind) and kind != source.kind:
        raise ValidationError(
            {"kind": _("Who is protected is so from the first record on: register the person anew.")}
        )
    protected_persons.check_may_say(source, by, name=name, description=description, homepage=homepage)
    source.kind, source.name, source.key = kind, name, names.key(name)
    source.description, source.homepage = description, homepage
    source.is_party = is_party or kind == SourceKind.PARTY
    source.full_clean()
    with acting(by=by, at=at, why=why):
        source.save(update_fields=["kind", "name", "key", "description", "homepage", "is_party"])
    return source


@transaction.atomic
def add_alias(
    *, source: Source, name: str, by: User, language: str = "", at: datetime | None = None
) -> Alias:
    """Add a name under which a source is known too, in any script; `language` is BCP 47.

    A sealed identity is known to its custodians alone, so only they can tell that another name does not give it away.
    """
    rules.check_can_edit_catalog(by, source.desk)
    source = lock_standing(source)
    protected_persons.check_may_say(source, by, name=name)
    with acting(by=by, at=at or timezone.now()):
        return _keep_alias(source, name, language, field="name")


@transaction.atomic
def remove_alias(*, alias: Alias, by: User, at: datetime, why: str) -> None:
    """Take a name back that a source does not have. The history of its names keeps it, with who, when and why."""
    rules.check_can_edit_catalog(by, alias.source.desk)
    check_why(why)
    source = lock_standing(alias.source)
    protected_persons.check_may_say(source, by)
    row = Alias.objects.select_for_update().filter(pk=alias.pk).first()
    if row is None:
        raise ValidationError(_("Somebody took this name back already."))
    with acting(by=by, at=at, why=why):
        row.delete()


@transaction.atomic
def grade_source(*, source: Source, reliability: Reliability, reason: str, by: User, at: datetime) -> Grade:
    """Judge a source's reliability anew; earlier grades stay."""
    rules.check_can_edit_catalog(by, source.desk)
    source = lock_standing(source)
    grade = Grade(source=source, reliability=reliability, reason=reason, graded_at=at, graded_by=by)
    grade.full_clean(exclude=["entry"])
    grade.entry = custody.record(
        kind=EntryKind.SOURCE_GRADED,
        subject=source,
        facts={"reliability": str(reliability)},
        by=by,
        at=at,
        commitments={"reason": reason},
    )
    grade.save(force_insert=True)
    return grade


@transaction.atomic
def register_document(
    *,
    desk: Desk,
    url: str,
    by: User | None,
    at: datetime,
    outlet: Source | None = None,
    title: str = "",
    byline: str = "",
    language: str = "",
    published_at: datetime | None = None,
    published_precision: Precision = Precision.MINUTE,
) -> Document:
    """The desk's document at `url` (ASCII, normalised by the guard); made if it is not there yet.

    `by` is None for who runs the installation, at its command line. Raises ValidationError by field.
    """
    if by is not None:
        rules.check_can_edit_catalog(by, desk)
    if len(url) > LONGEST_URL:
        raise ValidationError({"url": _("The address is longer than %(n)s characters.") % {"n": LONGEST_URL}})
    if outlet is not None and outlet.desk_id != desk.pk:
        raise ValidationError({"outlet": _("Choose a source of the same desk.")})
    if outlet is not None and outlet.merged_into is not None:
        outlet = outlet.merged_into  # a duplicate takes on nothing new
    if outlet is not None:
        rules.check_publishes(outlet, field="outlet")
    document, made = Document.objects.get_or_create(
        desk=desk,
        url=url,
        defaults={
            "outlet": outlet,
            "title": title,
            "byline": byline,
            "language": language,
            "published_at": published_at,
            "published_precision": published_precision,
            "created_by": by,
            "created_at": at,
        },
    )
    if not made:
        _fill_in(document, outlet=outlet, title=title)
    return document


@transaction.atomic
def archive_document(
    *,
    desk: Desk,
    url: str,
    by: User | None,
    at: datetime,
    mode: CaptureMode = CaptureMode.HTTP,
    outlet: Source | None = None,
    title: str = "",
    force: bool = False,
) -> Capture:
    """Register the document at `url`, as somebody typed it, and queue a capture of it; see `request_capture`.

    Raises ValidationError for `url` when it may not be fetched; nothing is registered then.
    """
    document = register_document(
        desk=desk, url=archive.normalised(url), by=by, at=at, outlet=outlet, title=title
    )
    return archive.request_capture(
        desk=desk, url=document.url, by=by, at=at, mode=mode, document_id=document.pk, force=force
    )


def watch_document(
    *,
    document: Document,
    by: User,
    at: datetime,
    mode: CaptureMode,
    shortest: int,
    longest: int,
    ends_at: datetime | None = None,
    is_paused: bool = False,
) -> Watch:
    """Have the document captured again and again, or change how; see `sources.archive.watching.set_watch`."""
    return watching.set_watch(
        desk=document.desk,
        document_id=document.pk,
        by=by,
        at=at,
        mode=mode,
        shortest=shortest,
        longest=longest,
        ends_at=ends_at,
        is_paused=is_paused,
    )


def upload_file(
    *,
    desk: Desk,
    content: Iterable[bytes],
    filename: str,
    by: User,
    at: datetime,
    url: str = "",
    title: str = "",
) -> Capture:
    """Keep a file that somebody sent, as a copy of the document at `url` where they say where it comes from.

    `title` describes that document if it has none. Reading a file takes its time, so this is no transaction of its
    own: a document whose file is refused stays registered. Raises ValidationError for `url` when it is no address of
    the web, and for `file` when the file is empty or too large.
    """
    rules.check_can_edit_catalog(by, desk)
    document = None
    if url.strip():
        document = register_document(desk=desk, url=archive.normalised(url), by=by, at=at, title=title)
    return archive.receive_upload(
        desk=desk,
        content=content,
        filename=filename,
        url=document.url if document else "",
        by=by,
        at=at,
        document_id=document.pk if document else None,
    )


def find_mementos(*, document: Document, by: User, at: datetime) -> list[OutsideRequest]:
    """Ask the outside archives that the settings name which mementos they hold of a document.

    Raises ValidationError when none is named, PermissionDenied below a checker of the document's desk.
    """
    rules.check_can_edit_catalog(by, document.desk)
    return outside.look_up(desk=document.desk, document_id=document.pk, url=document.url, by=by, at=at)


def ask_for_copy(*, document: Document, service: str, by: User, at: datetime) -> OutsideRequest:
    """Ask one outside archive, by its name in the settings, for an independent copy of a document's URL.

    Raises ValidationError for `service`, PermissionDenied below a checker of the document's desk.
    """
    rules.check_can_edit_catalog(by, document.desk)
    return outside.ask_for_copy(
        desk=document.desk, document_id=document.pk, url=document.url, service=service, by=by, at=at
    )


def describe_from_text(*, document_id: UUID, text: Any) -> None:
    """Fill what a document does not say yet (title, byline, language, date) from an extracted Text of its capture."""
    found = {
        "title": text.title[:500],
        "byline": text.byline[:300],
        "language": text.language,
    }
    document = Document.objects.select_for_update().get(pk=document_id)
    changed = [name for name, value in found.items() if value and not getattr(document, name)]
    for name in changed:
        setattr(document, name, found[name])
    if text.published_at and document.published_at is None:
        document.published_at = text.published_at
        document.published_precision = text.published_precision or Precision.DAY
        changed += ["published_at", "published_precision"]
    if changed:
        document.save(update_fields=changed)


def forget_capture(*, capture: Capture, texts: list[Any]) -> None:
    """Empty what the catalog took over from a capture that is being erased, in the eraser's transaction.

    A title and a byline that were read from it go, unless another copy of the document says the same. Addresses lose
    their query: the lines of batches, and the document's own once none of its copies is left, unless the desk has
    another document at what would remain.
    """
    for row in BatchRow.objects.filter(capture=capture):
        row.url, row.title, row.note = without_query(row.url), "", ""
        row.save(update_fields=["url", "title", "note"])
    if capture.document_id is None:
        return
    document = Document.objects.select_for_update(of=("self",)).get(pk=capture.document_id)
    others = Capture.objects.filter(document=document, state=CaptureState.ARCHIVED).exclude(pk=capture.pk)
    for name, most in (("title", 500), ("byline", 300)):
        read, said = {getattr(text, name)[:most] for text in texts}, getattr(document, name)
        if said in read and not others.filter(**{f"texts__{name}__startswith": said}).exists():
            setattr(document, name, "")
    bare = without_query(document.url)
    taken = Document.objects.filter(desk=document.desk_id, url=bare).exclude(pk=document.pk)
    if not others.exists() and not taken.exists():
        document.url = bare
    document.save(update_fields=["title", "byline", "url"])


def _fill_in(document: Document, **fields: Any) -> None:
    """Give a registered document what it does not say yet; what it says stays."""
    missing = [name for name, value in fields.items() if value and not getattr(document, name)]
    for name in missing:
        setattr(document, name, fields[name])
    if missing:
        document.save(update_fields=missing)


def _keep_alias(source: Source, name: str, language: str, *, field: str) -> Alias:
    alias = Alias(source=source, name=name, language=language, key=names.key(name))
    try:
        alias.full_clean()
    except ValidationError as refusal:
        reasons = [reason for reasons in refusal.message_dict.values() for reason in reasons]
        raise ValidationError({field: [f"{name}: {reason}" for reason in reasons]}) from refusal
    alias.save(force_insert=True)
    return alias
