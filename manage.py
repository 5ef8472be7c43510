#!/usr/bin/env python
"""Every command of an installation; design and exit codes are in docs/reference/commands.md.

Exit codes: 0 done, 1 a negative answer, 2 bad usage or a machine that cannot do what was asked, 130 interrupted.
"""

from __future__ import annotations

import os
import sys
from contextlib import nullcontext

from django.core.exceptions import ImproperlyConfigured
from django.core.management import ManagementUtility
from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError

from verify.stack import services
from verify.stack.errors import StackError

WITHOUT_SERVERS = {
    "check",
    "collectstatic",
    "compilemessages",
    "diffsettings",
    "findstatic",
    "help",
    "makemessages",
    "spectacular",
    "version",
}


class Commands(ManagementUtility):
    """Django's commands, with an unknown command being bad usage (2) like a bad option."""

    def fetch_command(self, subcommand: str) -> BaseCommand:
        """Load a command by name; exits with 2 when there is none of that name."""
        try:
            return super().fetch_command(subcommand)
        except SystemExit:
            sys.exit(2)


def main(arguments: list[str]) -> int:
    """Run one command, having the embedded servers up meanwhile if it needs them."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "verify.settings")
    command = next((word for word in arguments[1:] if not word.startswith("-")), "help")
    offline = command in WITHOUT_SERVERS or not {"-h", "--help", "--version"}.isdisjoint(arguments)
    try:
        with nullcontext() if offline else services.ensure():
            Commands(arguments).execute()
    except (StackError, ImproperlyConfigured) as error:
        return _refuse(str(error))
    except (OperationalError, InterfaceError) as error:
        return _refuse(f"The database does not answer: {str(error).strip() or type(error).__name__}")
    except KeyboardInterrupt:
        return 130
    return 0


def _refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv))
