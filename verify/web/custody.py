"""How far the proof of a capture has come, as components/custody.html shows it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from sources.archive.models import Capture
from sources.archive.states import CaptureState
from sources.custody.attestations import Attestations, attestations
from sources.custody.models import Checkpoint


def newest_checkpoint() -> Checkpoint | None:
    """The newest signed head of the log."""
    return Checkpoint.objects.order_by("-size").first()


@dataclass(frozen=True)
class Proofs:
    """What the strips of a page need to know of the log: ask once a page."""

    checkpoint: Checkpoint | None  # the newest
    attested: Attestations


def proofs_of(captures: Iterable[Capture]) -> Proofs:
    """What the log and its witnesses say of these captures."""
    indices = [capture.entry_id for capture in captures if capture.entry_id is not None]
    return Proofs(newest_checkpoint(), attestations(indices))


def custody_steps(capture: Capture, proofs: Proofs) -> list[dict[str, Any]]:
    """Archived, logged, witnessed, timestamped; a step that was not reached yet has no `href`."""
    checkpoint = proofs.checkpoint
    logged: dict[str, Any] = {"value": "logged", "label": _("Logged")}
    if capture.entry_id is not None:
        logged["href"] = reverse("log-entry", args=[capture.entry_id])
        if checkpoint is not None and capture.entry_id < checkpoint.size:
            logged["detail"] = _("entry %(index)s, in the checkpoint of size %(size)s") % {
                "index": capture.entry_id,
                "size": checkpoint.size,
            }
        else:
            logged["detail"] = _("entry %(index)s, in no checkpoint yet") % {"index": capture.entry_id}
    return [_archived(capture), logged, _witnessed(capture, proofs), _timestamped(capture, proofs)]


def _witnessed(capture: Capture, proofs: Proofs) -> dict[str, Any]:
    step: dict[str, Any] = {"value": "witnessed", "label": _("Witnessed")}
    if (
        checkpoint := proofs.attested.witnessed.get(-1 if capture.entry_id is None else capture.entry_id)
    ) is not None:
        cosigned = checkpoint.cosignatures.all()
        step["href"] = reverse("public-log-checkpoint-at", args=[checkpoint.size])
        step["detail"] = ", ".join(sorted(cosignature.name for cosignature in cosigned))
        step["at"] = max(cosignature.at for cosignature in cosigned)
    return step


def _timestamped(capture: Capture, proofs: Proofs) -> dict[str, Any]:
    step: dict[str, Any] = {"value": "timestamped", "label": _("Timestamped")}
    if (
        timestamp := proofs.attested.timestamped.get(-1 if capture.entry_id is None else capture.entry_id)
    ) is not None:
        step["href"] = reverse("public-log-timestamp", args=[timestamp.pk, "tsr"])
        step["detail"], step["at"] = timestamp.authority, timestamp.gen_time
    return step


def _archived(capture: Capture) -> dict[str, Any]:
    if not capture.is_finished:
        return {"value": "archived", "label": CaptureState.ARCHIVED.label}
    return {
        "value": capture.state,
        "label": capture.get_state_display(),
        "href": reverse("capture", args=[capture.pk]),
        "at": capture.finished_at,
    }
