"""How far the proof of a capture has come, as components/custody.html shows it."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from sources.archive.models import Capture
from sources.archive.states import CaptureState
from sources.custody.models import Checkpoint


def newest_checkpoint() -> Checkpoint | None:
    """The newest signed head of the log: ask once a page and hand it to every strip."""
    return Checkpoint.objects.order_by("-size").first()


def custody_steps(capture: Capture, checkpoint: Checkpoint | None) -> list[dict[str, Any]]:
    """Archived, logged, witnessed, timestamped; a step that was not reached yet has no `href`."""
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
    return [
        _archived(capture),
        logged,
        {"value": "witnessed", "label": _("Witnessed")},
        {"value": "timestamped", "label": _("Timestamped")},
    ]


def _archived(capture: Capture) -> dict[str, Any]:
    if not capture.is_finished:
        return {"value": "archived", "label": CaptureState.ARCHIVED.label}
    return {
        "value": capture.state,
        "label": capture.get_state_display(),
        "href": reverse("capture", args=[capture.pk]),
        "at": capture.finished_at,
    }
