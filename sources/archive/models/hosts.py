"""What is known of a host that we fetch from, so that it is not hammered."""

from __future__ import annotations

from django.db import models


class Host(models.Model):
    """One host and port, shared by all desks: when it may be asked again, and what its robots.txt said."""

    name = models.CharField(max_length=300, primary_key=True, help_text="host:port, ASCII, lower case")
    next_at = models.DateTimeField(
        null=True, blank=True, help_text="the next capture from it may not begin before this"
    )
    robots_status = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="HTTP status of robots.txt; empty when nothing came back"
    )
    robots_txt = models.TextField(blank=True)
    robots_fetched_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name
