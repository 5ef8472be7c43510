"""`manage.py desk`: make a desk, and list those that there are."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count
from django.utils import timezone

from sources.management.commands._desk import BAD_USAGE
from verify.accounts.models import Desk, User
from verify.review.scale import found_desk


class Command(BaseCommand):
    help = "Make a desk with its first administrator, or list the desks."

    def add_arguments(self, parser: ArgumentParser) -> None:
        output = ArgumentParser(add_help=False)
        output.add_argument("--json", action="store_true", help="JSON instead of text")
        actions = parser.add_subparsers(dest="action", required=True)
        add = actions.add_parser("add", parents=[output], help="make a desk")
        add.add_argument("slug", metavar="SLUG", help="its name for commands: letters, digits, - and _")
        add.add_argument("--name", required=True, help="its name for people")
        add.add_argument("--admin", required=True, metavar="USERNAME", help="who invites everybody else")
        actions.add_parser("list", parents=[output], help="the desks, and how many people each has")

    def handle(self, *args: Any, **options: Any) -> None:
        {"add": self.add, "list": self.list}[options["action"]](options)

    def add(self, options: dict[str, Any]) -> None:
        admin = User.objects.filter(username=options["admin"], is_active=True).first()
        if admin is None:
            raise CommandError(
                f"There is nobody with the user name {options['admin']!r}. Make the account first: "
                "manage.py createsuperuser",
                returncode=BAD_USAGE,
            )
        try:
            desk = found_desk(slug=options["slug"], name=options["name"], admin=admin, at=timezone.now())
        except ValidationError as error:
            problems = [f"{field}: {' '.join(texts)}" for field, texts in error.message_dict.items()]
            taken = "slug" in error.error_dict and error.error_dict["slug"][0].code == "unique"
            raise CommandError("; ".join(problems), returncode=1 if taken else BAD_USAGE) from error
        if options["json"]:
            self.stdout.write(json.dumps({"slug": desk.slug, "name": desk.name, "admin": admin.username}))
        else:
            self.stdout.write(f"{desk.slug}  {desk.name}; administrator: {admin.username}")

    def list(self, options: dict[str, Any]) -> None:
        desks = Desk.objects.annotate(people=Count("memberships")).order_by("slug")
        if options["json"]:
            rows = [{"slug": desk.slug, "name": desk.name, "members": desk.people} for desk in desks]
            self.stdout.write(json.dumps({"desks": rows}, ensure_ascii=False))
            return
        for desk in desks:
            self.stdout.write(f"{desk.slug:<20} {desk.people:>4}  {desk.name}")
