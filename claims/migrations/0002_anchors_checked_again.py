"""Quotations are looked for again in each later copy."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("claims", "0001_initial"),
        ("sources", "0003_the_archive_again"),
    ]

    operations = [
        migrations.CreateModel(
            name="AnchorCheck",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("intact", "intact"),
                            ("moved", "moved"),
                            ("altered", "altered"),
                            ("gone", "gone"),
                        ],
                        max_length=8,
                    ),
                ),
                ("start", models.PositiveIntegerField(blank=True, null=True)),
                ("end", models.PositiveIntegerField(blank=True, null=True)),
                ("exact", models.TextField(blank=True)),
                (
                    "changes_sense",
                    models.BooleanField(default=False, help_text="a number or a negation is another one now"),
                ),
                ("checked_at", models.DateTimeField()),
                (
                    "anchor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="checks", to="claims.anchor"
                    ),
                ),
                (
                    "change",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="anchor_checks",
                        to="sources.change",
                    ),
                ),
                (
                    "text",
                    models.ForeignKey(
                        blank=True,
                        help_text="in which it was looked for; empty when the later copy has none",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="sources.text",
                    ),
                ),
            ],
            options={
                "ordering": ["change", "anchor"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("anchor", "change"), name="one_check_per_anchor_and_change"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["intact", "moved", "altered", "gone"])),
                        name="quote_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("end__isnull", True),
                                ("exact", ""),
                                ("start__isnull", True),
                                ("state", "gone"),
                            ),
                            models.Q(
                                models.Q(("state", "gone"), _negated=True),
                                ("end__gt", models.F("start")),
                                ("start__isnull", False),
                                ("text__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="gone_means_nowhere_else_there_is_a_place",
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="anchorcheck",
            trigger=pgtrigger.compiler.Trigger(
                name="anchor_check_never_changes",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="4c376f15ff6e2246d458d955ea088ba3fa1c1496",
                    operation="UPDATE",
                    pgid="pgtrigger_anchor_check_never_changes_48dd0",
                    table="claims_anchorcheck",
                    when="BEFORE",
                ),
            ),
        ),
    ]
