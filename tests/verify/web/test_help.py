"""The help page."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.django_db


def test_help_asks_to_sign_in(client, db):
    assert client.get("/desk/help/")["Location"].startswith("/sign-in/?next=")


def test_help_explains_keys_words_and_the_desks_own_scale(client, dave, desk):
    desk.ratings.filter(code="confirmed").update(label="Borne out")
    client.force_login(dave)
    html = client.get("/desk/help/").content.decode()
    for words in ("Next, previous", "Assertion", "Origin", "In research", "Borne out", "Retracted"):
        assert words in html, words
