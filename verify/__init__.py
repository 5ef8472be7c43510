"""Verify: a source-attribution and claim-verification workbench. See docs/ and README.md."""

from verify.celery import app as celery_app

__all__ = ["celery_app"]
