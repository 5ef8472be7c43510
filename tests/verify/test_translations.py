"""The Arabic catalogue: whole, in step with the code, and safe to put values into."""

from __future__ import annotations

import gettext
import io
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings

CATALOGUE = Path(settings.BASE_DIR) / "locale/ar/LC_MESSAGES/django.po"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%(?![\w( ])|\{\w*\}")
TAG = re.compile(r"</?\w+[^>]*>")
ONE_NUMBER_ONLY = 3  # the forms for none, one and two: the word says the number, so it may be left out
GETTEXT_TOOLS = ("xgettext", "msguniq", "msgattrib")


def _read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale="ar", abort_invalid=True)


def _messages(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id]


def _ids(catalogue: Catalog) -> set[tuple[str | None, tuple[str, ...]]]:
    return {(message.context, _originals(message)) for message in _messages(catalogue)}


def _originals(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def _forms(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    return _read(CATALOGUE)


def test_arabic_every_message_is_translated_in_all_its_forms(catalogue):
    for message in _messages(catalogue):
        assert len(_forms(message)) == (6 if message.pluralizable else 1), message.id
        assert all(form.strip() for form in _forms(message)), message.id


def test_arabic_no_translation_is_a_guess_or_left_over(catalogue):
    assert not [message.id for message in _messages(catalogue) if message.fuzzy]
    assert not list(catalogue.obsolete)


def test_arabic_placeholders_and_tags_are_those_of_the_original(catalogue):
    for message in _messages(catalogue):
        original = _originals(message)[-1]
        for position, form in enumerate(_forms(message)):
            for pattern in (PLACEHOLDER, TAG):
                wanted, found = sorted(pattern.findall(original)), sorted(pattern.findall(form))
                short = message.pluralizable and position < ONE_NUMBER_ONLY
                assert set(found) <= set(wanted) if short else found == wanted, form


def test_arabic_edges_stay_as_sentences_are_put_together(catalogue):
    for message in _messages(catalogue):
        original = _originals(message)[0]
        for form in _forms(message):
            assert [form[:1].isspace(), form[-1:].isspace()] == [
                original[:1].isspace(),
                original[-1:].isspace(),
            ]


def test_arabic_numbers_choose_the_form_that_grammar_asks_for(catalogue):
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    arabic = gettext.GNUTranslations(compiled)
    said = {
        n: arabic.ngettext("One claim", "%(n)s claims", n) for n in (0, 1, 2, 3, 10, 11, 99, 100, 102, 103)
    }
    assert len({said[n] for n in (0, 1, 2, 3, 11, 100)}) == 6
    assert said[3] == said[10] == said[103]
    assert said[11] == said[99]
    assert said[100] == said[102]


@pytest.mark.slow
def test_arabic_catalogue_holds_exactly_the_strings_marked_in_the_code(catalogue, tmp_path):
    if missing := [tool for tool in GETTEXT_TOOLS if not shutil.which(tool)]:
        pytest.skip(f"collecting strings needs the gettext tools, and {', '.join(missing)} is not here")
    # From a copy, and without settings: collecting leaves work files beside what it reads.
    for part in ("claims", "sources", "verify", "templates"):
        skip = shutil.ignore_patterns("__pycache__", "migrations", "static")
        shutil.copytree(Path(settings.BASE_DIR) / part, tmp_path / part, ignore=skip)
    (tmp_path / "locale").mkdir()
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    collect = [sys.executable, "-m", "django", "makemessages", "--locale", "ar", "--no-location"]
    done = subprocess.run(collect, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    collected, held = _ids(_read(tmp_path / "locale/ar/LC_MESSAGES/django.po")), _ids(catalogue)
    assert not collected - held, "marked but not translated: see docs/how-to/translate.md"
    assert not held - collected, "translated but no longer used: see docs/how-to/translate.md"
