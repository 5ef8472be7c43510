"""The product's settings, pointed at servers and files that belong to this test run alone.

The servers are embedded ones under var/test/; DATABASE_URL and REDIS_URL name real ones instead. On a real server the
tests use a database of their own name, and empty the Redis databases from 1 upwards.
"""

from __future__ import annotations

import fcntl
import os
import re
from itertools import count

from verify.stack.paths import ROOT

_locks = []  # held until the process ends


def _free_slot() -> str:
    """The number of a test run, so that two runs in one checkout have servers and databases of their own."""
    folder = ROOT / "var" / "test"
    folder.mkdir(parents=True, exist_ok=True)
    for number in count(1):
        lock = (folder / f"slot-{number}").open("ab")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            continue
        _locks.append(lock)
        return str(number)
    raise AssertionError


def _with_database(redis_url: str, number: int) -> str:
    if redis_url.startswith("unix:"):
        return re.sub(r"([?&]db=)\d+|$", rf"?db={number}", redis_url.partition("?")[0], count=1)
    return re.sub(r"^(\w+://[^/?]+)(/\d*)?", rf"\1/{number}", redis_url)


if "VERIFY_TEST_SLOT" not in os.environ:  # pytest-xdist's workers inherit it
    os.environ["VERIFY_TEST_SLOT"] = _free_slot()
SLOT = os.environ["VERIFY_TEST_SLOT"]
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")

os.environ["VERIFY_VAR"] = str(ROOT / "var" / "test" / SLOT)
os.environ["CELERY_QUEUE"] = f"test-{WORKER}"
# What fails has failed, and a host may be asked at once; the tests of just that say otherwise.
os.environ |= {"ARCHIVE_RETRY_DELAYS": "", "ARCHIVE_HOST_DELAY": "0"}
# Tests ask more than people do; the tests of the limits set their own.
os.environ |= {f"API_RATE_{name}": "1000000" for name in ("ANONYMOUS", "TOKEN", "WRITES", "MAX")}
for name in ("VERIFY_PRODUCTION", "VERIFY_DEMO_PRESS", "MEDIA_ROOT"):
    os.environ.pop(name, None)

from verify.stack import services  # noqa: E402 - the environment comes first

os.environ["REDIS_URL"] = _with_database(
    os.environ.get("REDIS_URL") or services.redis_url(), 1 + int(re.sub(r"\D", "", WORKER) or 0)
)

from verify.settings import *  # noqa: E402, F403
from verify.settings import DATABASES, STORAGES  # noqa: E402

DATABASES["default"]["TEST"] = {"NAME": f"test_verify_{SLOT}"}
# Hashing a password takes as long as fifty small tests; how strong it is, no test asks.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# The manifest exists after collectstatic only; the web_server fixture serves with it.
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
