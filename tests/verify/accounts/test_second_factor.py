"""How secrets of second factors are kept."""

from __future__ import annotations

import base64

import pytest

from verify.accounts.second_factor import CannotUnseal, seal, unseal


def test_sealing_is_undone_and_never_the_same():
    assert unseal(seal("SECRET · سر")) == "SECRET · سر"
    assert seal("x") != seal("x")


@pytest.mark.parametrize("at", [0, 1, 12, 13, -1])
def test_altered_secret_is_refused(at):
    sealed = bytearray(base64.b64decode(seal("secret")))
    sealed[at] ^= 1
    with pytest.raises(CannotUnseal):
        unseal(base64.b64encode(sealed).decode())


@pytest.mark.parametrize("junk", ["", "!", "AQ==", "é", "JBSWY3DPEHPK3PXP"])
def test_what_was_never_sealed_is_refused(junk):
    with pytest.raises(CannotUnseal):
        unseal(junk)


def test_another_key_opens_nothing(settings):
    sealed = seal("secret")
    settings.IDENTITY_KEY = base64.b64encode(bytes(32)).decode()
    with pytest.raises(CannotUnseal):
        unseal(sealed)


def test_key_is_not_the_one_that_seals_identities(settings):
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    from verify.accounts.second_factor import PURPOSE

    given = base64.b64decode(seal("secret"))
    with pytest.raises(InvalidTag):
        AESGCM(base64.b64decode(settings.IDENTITY_KEY)).decrypt(given[1:13], given[13:], PURPOSE)
