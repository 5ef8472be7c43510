"""How commands find the desk they work for, and how they say no."""

from __future__ import annotations

from argparse import ArgumentParser

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError

from verify.accounts.models import Desk

BAD_USAGE = 2


def add_desk_argument(parser: ArgumentParser) -> None:
    """Add ``--desk SLUG``."""
    parser.add_argument("--desk", metavar="SLUG", help="the desk; may be left out when there is only one")


def find_desk(slug: str | None) -> Desk:
    """The desk of that slug, or the only one. Raises CommandError (2) that names the choices."""
    desks = list(Desk.objects.all())
    for desk in desks:
        if desk.slug == slug or (not slug and len(desks) == 1):
            return desk
    if not desks:
        raise CommandError(
            "There is no desk yet. Load the demo case with: manage.py demo", returncode=BAD_USAGE
        )
    choices = ", ".join(desk.slug for desk in desks)
    raise CommandError(f"Name the desk with --desk; there are: {choices}", returncode=BAD_USAGE)


def sentence(error: ValidationError) -> str:
    """All messages of a validation error as one line."""
    return " ".join(error.messages)
