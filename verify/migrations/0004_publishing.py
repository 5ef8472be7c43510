"""What is announced and listed of what is public, webhooks, methodology, media ratings, packages for everybody, tokens."""

import uuid

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from sources.custody.triggers import refuse_truncate


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_invitations_second_factor_history"),
        ("claims", "0006_history_of_cases"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("sources", "0008_names_are_searched_by_key"),
        ("verify", "0003_review_desk"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Announcement",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("mark", models.UUIDField(default=uuid.uuid4, unique=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("unpublished", "Unpublished"),
                            ("published", "Published"),
                            ("paused", "Paused"),
                            ("corrected", "Corrected"),
                            ("retracted", "Retracted"),
                        ],
                        max_length=12,
                    ),
                ),
                ("at", models.DateTimeField()),
            ],
            options={
                "ordering": ["number"],
            },
        ),
        migrations.CreateModel(
            name="Answered",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=255)),
                ("request", models.CharField(max_length=64)),
                (
                    "status",
                    models.PositiveSmallIntegerField(
                        help_text="null only inside the transaction that does it", null=True
                    ),
                ),
                ("headers", models.JSONField(default=dict)),
                ("body", models.BinaryField(default=bytes)),
                ("at", models.DateTimeField()),
            ],
            options={
                "ordering": ["-at"],
            },
        ),
        migrations.CreateModel(
            name="Attempt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                ("at", models.DateTimeField()),
                ("seconds", models.FloatField(help_text="until the answer, or until it was given up")),
                ("status", models.PositiveSmallIntegerField(blank=True, null=True)),
                (
                    "problem",
                    models.CharField(
                        blank=True,
                        help_text="a FailureCode of the fetcher; empty: it answered",
                        max_length=20,
                    ),
                ),
                ("detail", models.TextField(blank=True)),
                ("answer", models.TextField(blank=True)),
            ],
            options={
                "ordering": ["number"],
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "waits"),
                            ("delivered", "delivered"),
                            ("failed", "given up"),
                            ("dropped", "not sent: the webhook was switched off"),
                        ],
                        default="queued",
                        max_length=9,
                    ),
                ),
                ("attempts_made", models.PositiveSmallIntegerField(default=0)),
                (
                    "next_at",
                    models.DateTimeField(blank=True, help_text="not before; null when finished", null=True),
                ),
                ("leased_until", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["-created_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Listing",
            fields=[
                (
                    "publication",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="listing",
                        serialize=False,
                        to="verify.publication",
                    ),
                ),
                ("format", models.PositiveSmallIntegerField(help_text="of listing.py, which made it")),
                ("retracted", models.BooleanField()),
                ("desk", models.SlugField()),
                ("language", models.CharField(help_text="BCP 47, lower case", max_length=35)),
                (
                    "verdict",
                    models.SlugField(
                        blank=True, help_text="code; empty for a retracted claim", max_length=30
                    ),
                ),
                ("case", models.UUIDField(null=True)),
                (
                    "sources",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(),
                        help_text="everybody named: speakers, principals, outlets",
                        size=None,
                    ),
                ),
                (
                    "speakers",
                    django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None),
                ),
                (
                    "topics",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None),
                ),
                (
                    "places",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(),
                        help_text="ids, and folded names with those of what they lie in",
                        size=None,
                    ),
                ),
                ("said_from", models.DateTimeField(help_text="of the earliest assertion", null=True)),
                ("said_until", models.DateTimeField(help_text="of the latest assertion", null=True)),
                ("first_published_at", models.DateTimeField()),
                ("published_at", models.DateTimeField(help_text="of this version")),
                ("changed_at", models.DateTimeField()),
                ("text", models.TextField(help_text="claim and headline, in which words are searched")),
                ("words", django.contrib.postgres.search.SearchVectorField()),
                (
                    "summary",
                    models.TextField(help_text="JSON: the item of the API's list, without its links"),
                ),
                (
                    "review",
                    models.TextField(
                        blank=True, help_text="JSON: the ClaimReview, with relative addresses; empty if none"
                    ),
                ),
            ],
            options={
                "ordering": ["-changed_at", "publication_id"],
            },
        ),
        migrations.CreateModel(
            name="MediaRating",
            fields=[
                ("withdrawn_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("withdrawn_because", models.TextField(blank=True, editable=False, verbose_name="reason")),
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "media",
                    models.CharField(
                        choices=[("image", "picture"), ("video", "film"), ("audio", "recording")],
                        max_length=5,
                        verbose_name="kind of medium",
                    ),
                ),
                (
                    "rating",
                    models.CharField(
                        choices=[
                            ("OriginalMediaContent", "original: shown as it was made, in its context"),
                            ("DecontextualizedContent", "real, but of another event, place or time"),
                            ("EditedOrCroppedContent", "edited or cropped so that it says something else"),
                            ("TransformedContent", "altered or made by a machine"),
                            ("StagedContent", "staged"),
                            ("SatireOrParodyContent", "satire or parody"),
                        ],
                        max_length=24,
                        verbose_name="what it is",
                    ),
                ),
                (
                    "context",
                    models.TextField(
                        help_text="What it shows, where and when it was made, and how that is known.",
                        verbose_name="original context",
                    ),
                ),
                (
                    "original_url",
                    models.CharField(blank=True, max_length=2048, verbose_name="address of the original"),
                ),
                ("rated_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["rated_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="Methodology",
            fields=[
                (
                    "desk",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="methodology",
                        serialize=False,
                        to="accounts.desk",
                    ),
                ),
                ("scope", models.TextField(blank=True, verbose_name="what is checked")),
                ("inclusion", models.TextField(blank=True, verbose_name="inclusion criteria")),
                ("source_types", models.TextField(blank=True, verbose_name="kinds of sources")),
                ("evaluation", models.TextField(blank=True, verbose_name="how sources are evaluated")),
                ("corroboration", models.TextField(blank=True, verbose_name="corroboration")),
                ("quality_control", models.TextField(blank=True, verbose_name="quality control")),
                ("definitions", models.TextField(blank=True, verbose_name="definitions")),
                ("corrections", models.TextField(blank=True, verbose_name="corrections policy")),
                (
                    "independence",
                    models.TextField(blank=True, verbose_name="who pays for it, and independence"),
                ),
                ("contact", models.TextField(blank=True, verbose_name="contact")),
                (
                    "offers_packages",
                    models.BooleanField(
                        default=False,
                        help_text="Readers may download the archived copies of a published claim with their proofs.",
                        verbose_name="evidence packages are public",
                    ),
                ),
                ("changed_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="MethodologyEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("scope", models.TextField(blank=True, verbose_name="what is checked")),
                ("inclusion", models.TextField(blank=True, verbose_name="inclusion criteria")),
                ("source_types", models.TextField(blank=True, verbose_name="kinds of sources")),
                ("evaluation", models.TextField(blank=True, verbose_name="how sources are evaluated")),
                ("corroboration", models.TextField(blank=True, verbose_name="corroboration")),
                ("quality_control", models.TextField(blank=True, verbose_name="quality control")),
                ("definitions", models.TextField(blank=True, verbose_name="definitions")),
                ("corrections", models.TextField(blank=True, verbose_name="corrections policy")),
                (
                    "independence",
                    models.TextField(blank=True, verbose_name="who pays for it, and independence"),
                ),
                ("contact", models.TextField(blank=True, verbose_name="contact")),
                (
                    "offers_packages",
                    models.BooleanField(
                        default=False,
                        help_text="Readers may download the archived copies of a published claim with their proofs.",
                        verbose_name="evidence packages are public",
                    ),
                ),
                ("changed_at", models.DateTimeField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PublicPackage",
            fields=[
                (
                    "version",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="public_package",
                        serialize=False,
                        to="verify.version",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "waits to be made"),
                            ("ready", "ready"),
                            ("failed", "could not be made"),
                        ],
                        default="queued",
                        max_length=6,
                    ),
                ),
                (
                    "blob",
                    models.ForeignKey(
                        blank=True,
                        help_text="the file; while the package is not ready, one that is to be deleted",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="sources.blob",
                    ),
                ),
                (
                    "captures",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(),
                        blank=True,
                        default=list,
                        help_text="of which the file holds copies or texts",
                        size=None,
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("problem", models.TextField(blank=True)),
                ("next_at", models.DateTimeField(blank=True, null=True)),
                ("leased_until", models.DateTimeField(blank=True, null=True)),
                ("asked_at", models.DateTimeField()),
                ("made_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["asked_at"],
            },
        ),
        migrations.CreateModel(
            name="Webhook",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                ("url", models.CharField(max_length=2048, verbose_name="address")),
                (
                    "told_of",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("published", "published, or shown again after a pause"),
                                ("corrected", "corrected"),
                                ("paused", "paused"),
                                ("retracted", "retracted"),
                            ],
                            max_length=10,
                        ),
                        size=None,
                        verbose_name="events",
                    ),
                ),
                (
                    "all_desks",
                    models.BooleanField(
                        default=False,
                        help_text="Otherwise only this desk's.",
                        verbose_name="also what other desks of this site publish",
                    ),
                ),
                ("secret", models.TextField(help_text="sealed")),
                ("former_secret", models.TextField(blank=True, help_text="sealed")),
                ("former_until", models.DateTimeField(blank=True, null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("active", "active"),
                            ("paused", "switched off"),
                            ("disabled", "switched off after failing for days"),
                            ("removed", "removed"),
                        ],
                        default="active",
                        max_length=8,
                    ),
                ),
                ("position", models.BigIntegerField(default=0)),
                ("failing_since", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["name", "id"],
            },
        ),
        migrations.CreateModel(
            name="WebhookEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                ("url", models.CharField(max_length=2048, verbose_name="address")),
                (
                    "told_of",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("published", "published, or shown again after a pause"),
                                ("corrected", "corrected"),
                                ("paused", "paused"),
                                ("retracted", "retracted"),
                            ],
                            max_length=10,
                        ),
                        size=None,
                        verbose_name="events",
                    ),
                ),
                (
                    "all_desks",
                    models.BooleanField(
                        default=False,
                        help_text="Otherwise only this desk's.",
                        verbose_name="also what other desks of this site publish",
                    ),
                ),
                ("former_until", models.DateTimeField(blank=True, null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("active", "active"),
                            ("paused", "switched off"),
                            ("disabled", "switched off after failing for days"),
                            ("removed", "removed"),
                        ],
                        default="active",
                        max_length=8,
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.RemoveConstraint(
            model_name="notification",
            name="notification_kind_is_known",
        ),
        migrations.RemoveConstraint(
            model_name="preference",
            name="preference_kind_is_known",
        ),
        migrations.AddField(
            model_name="token",
            name="desk",
            field=models.ForeignKey(
                blank=True,
                help_text="If one is named, the token reaches nothing of the owner's other desks.",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="tokens",
                to="accounts.desk",
                verbose_name="desk",
            ),
        ),
        migrations.AddField(
            model_name="token",
            name="hint",
            field=models.CharField(
                blank=True, help_text="how the secret begins, to tell tokens apart", max_length=12
            ),
        ),
        migrations.AddField(
            model_name="token",
            name="last_used_at",
            field=models.DateTimeField(blank=True, help_text="to the minute", null=True),
        ),
        migrations.AddField(
            model_name="token",
            name="requests_per_minute",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="Empty: as the installation's settings say.",
                null=True,
                verbose_name="requests a minute",
            ),
        ),
        migrations.AlterField(
            model_name="notification",
            name="kind",
            field=models.CharField(
                choices=[
                    ("assigned", "A review is asked of you"),
                    ("pool", "A review is free to be taken"),
                    ("taken-away", "A review was given to somebody else, or is no longer needed"),
                    ("declined", "A reviewer declined"),
                    ("overdue", "A review is overdue"),
                    ("conflict", "The reviewers disagree"),
                    ("approved", "A claim is approved"),
                    ("returned", "A claim came back"),
                    ("void", "An edit voided approvals"),
                    ("mention", "Somebody mentions you"),
                    ("reply", "Somebody answers in a thread of yours"),
                    ("recheck", "Something that a claim stands on has changed"),
                    ("webhook", "A webhook was switched off"),
                ],
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="preference",
            name="kind",
            field=models.CharField(
                choices=[
                    ("assigned", "A review is asked of you"),
                    ("pool", "A review is free to be taken"),
                    ("taken-away", "A review was given to somebody else, or is no longer needed"),
                    ("declined", "A reviewer declined"),
                    ("overdue", "A review is overdue"),
                    ("conflict", "The reviewers disagree"),
                    ("approved", "A claim is approved"),
                    ("returned", "A claim came back"),
                    ("void", "An edit voided approvals"),
                    ("mention", "Somebody mentions you"),
                    ("reply", "Somebody answers in a thread of yours"),
                    ("recheck", "Something that a claim stands on has changed"),
                    ("webhook", "A webhook was switched off"),
                ],
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="token",
            name="scopes",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("read", "read what the desk sees"),
                        ("capture", "ask for captures"),
                        (
                            "write",
                            "register and change sources, documents, cases, claims and what is said of them",
                        ),
                        ("review", "propose verdicts, ask for reviews and give them"),
                        ("publish", "publish, pause, correct and retract"),
                        ("webhooks", "manage webhooks"),
                    ],
                    max_length=20,
                ),
                default=list,
                size=None,
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="publication",
            trigger=pgtrigger.compiler.Trigger(
                name="each_change_is_announced",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (NEW."version_id" IS NOT NULL)',
                    func="\n                    IF TG_OP = 'UPDATE' AND OLD.state = NEW.state AND OLD.version_id IS NOT DISTINCT FROM NEW.version_id\n                        THEN RETURN NULL;\n                    END IF;\n                    -- Held until the transaction ends: whoever sees number n also sees all before it, and a rollback\n                    -- leaves no hole.\n                    PERFORM pg_advisory_xact_lock(7310579300003);\n                    INSERT INTO verify_announcement (number, mark, claim_id, state, version_id, at)\n                        SELECT coalesce(max(number), 0) + 1, gen_random_uuid(), NEW.claim_id, NEW.state,\n                            NEW.version_id, NEW.changed_at FROM verify_announcement;\n                    RETURN NULL;\n                ",
                    hash="e8dcf823382c3a241a771b03aafa3340252a0650",
                    operation="INSERT OR UPDATE",
                    pgid="pgtrigger_each_change_is_announced_ca3b5",
                    table="verify_publication",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="notification",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "assigned",
                            "pool",
                            "taken-away",
                            "declined",
                            "overdue",
                            "conflict",
                            "approved",
                            "returned",
                            "void",
                            "mention",
                            "reply",
                            "recheck",
                            "webhook",
                        ],
                    )
                ),
                name="notification_kind_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="preference",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "assigned",
                            "pool",
                            "taken-away",
                            "declined",
                            "overdue",
                            "conflict",
                            "approved",
                            "returned",
                            "void",
                            "mention",
                            "reply",
                            "recheck",
                            "webhook",
                        ],
                    )
                ),
                name="preference_kind_is_known",
            ),
        ),
        migrations.AddField(
            model_name="announcement",
            name="claim",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="announcements", to="claims.claim"
            ),
        ),
        migrations.AddField(
            model_name="announcement",
            name="version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="announcements", to="verify.version"
            ),
        ),
        migrations.AddField(
            model_name="answered",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="delivery",
            name="announcement",
            field=models.ForeignKey(
                blank=True,
                help_text="null: a test",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="verify.announcement",
            ),
        ),
        migrations.AddField(
            model_name="delivery",
            name="replay_of",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="replays",
                to="verify.delivery",
            ),
        ),
        migrations.AddField(
            model_name="attempt",
            name="delivery",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="attempts", to="verify.delivery"
            ),
        ),
        migrations.AddField(
            model_name="listing",
            name="version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="verify.version"
            ),
        ),
        migrations.AddField(
            model_name="mediarating",
            name="capture",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="sources.capture",
                verbose_name="archived copy",
            ),
        ),
        migrations.AddField(
            model_name="mediarating",
            name="claim",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="media_ratings", to="claims.claim"
            ),
        ),
        migrations.AddField(
            model_name="mediarating",
            name="rated_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="mediarating",
            name="withdrawn_by",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="methodology",
            name="changed_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="methodologyevent",
            name="changed_by",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="methodologyevent",
            name="desk",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                serialize=False,
                to="accounts.desk",
            ),
        ),
        migrations.AddField(
            model_name="methodologyevent",
            name="pgh_context",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="pghistory.context",
            ),
        ),
        migrations.AddField(
            model_name="methodologyevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="verify.methodology",
            ),
        ),
        migrations.AddConstraint(
            model_name="publicpackage",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["queued", "ready", "failed"])),
                name="package_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="publicpackage",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("blob__isnull", False), ("made_at__isnull", False), ("state", "ready")),
                    models.Q(
                        models.Q(("state", "ready"), _negated=True),
                        ("made_at__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="a_package_is_there_when_it_is_ready",
            ),
        ),
        migrations.AddField(
            model_name="webhook",
            name="desk",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="webhooks", to="accounts.desk"
            ),
        ),
        migrations.AddField(
            model_name="webhook",
            name="owner",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="webhooks",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="delivery",
            name="webhook",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="deliveries", to="verify.webhook"
            ),
        ),
        migrations.AddField(
            model_name="webhookevent",
            name="desk",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="accounts.desk",
            ),
        ),
        migrations.AddField(
            model_name="webhookevent",
            name="owner",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="webhookevent",
            name="pgh_context",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="pghistory.context",
            ),
        ),
        migrations.AddField(
            model_name="webhookevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="verify.webhook",
            ),
        ),
        migrations.AddIndex(
            model_name="announcement",
            index=models.Index(fields=["claim", "-number"], name="announcements_of_a_claim"),
        ),
        migrations.AddConstraint(
            model_name="announcement",
            constraint=models.CheckConstraint(
                condition=models.Q(("number__gte", 1)), name="announcements_count_from_one"
            ),
        ),
        migrations.AddConstraint(
            model_name="announcement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["unpublished", "published", "paused", "corrected", "retracted"]),
                    models.Q(("state", "unpublished"), _negated=True),
                ),
                name="what_is_announced_was_published",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="announcement",
            trigger=pgtrigger.compiler.Trigger(
                name="what_was_announced_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="9cdb5af1953dd98f7c853e4edc8f503e3e737d51",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_what_was_announced_stays_49476",
                    table="verify_announcement",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="answered",
            index=models.Index(fields=["at"], name="answers_by_age"),
        ),
        migrations.AddConstraint(
            model_name="answered",
            constraint=models.UniqueConstraint(fields=("user", "key"), name="one_answer_per_key_and_user"),
        ),
        migrations.AddConstraint(
            model_name="attempt",
            constraint=models.UniqueConstraint(fields=("delivery", "number"), name="one_attempt_per_number"),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(fields=["-changed_at", "publication_id"], name="listings_last_changed_first"),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(fields=["-published_at", "publication_id"], name="listings_newest_first"),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(fields=["case"], name="listings_of_a_case"),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["sources"], name="listings_naming_a_source"
            ),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=django.contrib.postgres.indexes.GinIndex(fields=["topics"], name="listings_of_a_topic"),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=django.contrib.postgres.indexes.GinIndex(fields=["places"], name="listings_of_a_place"),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=django.contrib.postgres.indexes.GinIndex(fields=["words"], name="listings_by_words"),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["text"], name="listings_by_part_of_a_word", opclasses=["gin_trgm_ops"]
            ),
        ),
        migrations.AddConstraint(
            model_name="mediarating",
            constraint=models.UniqueConstraint(
                condition=models.Q(("withdrawn_at__isnull", True)),
                fields=("claim", "capture"),
                name="one_media_rating_per_claim_and_copy",
            ),
        ),
        migrations.AddConstraint(
            model_name="mediarating",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "rating__in",
                        [
                            "OriginalMediaContent",
                            "DecontextualizedContent",
                            "EditedOrCroppedContent",
                            "TransformedContent",
                            "StagedContent",
                            "SatireOrParodyContent",
                        ],
                    )
                ),
                name="media_rating_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="mediarating",
            constraint=models.CheckConstraint(
                condition=models.Q(("media__in", ["image", "video", "audio"])), name="kind_of_medium_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="mediarating",
            constraint=models.CheckConstraint(
                condition=models.Q(("context", ""), _negated=True), name="a_media_rating_says_the_context"
            ),
        ),
        migrations.AddConstraint(
            model_name="mediarating",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("withdrawn_at__isnull", True),
                        ("withdrawn_because", ""),
                        ("withdrawn_by__isnull", True),
                    ),
                    models.Q(
                        ("withdrawn_at__isnull", False),
                        ("withdrawn_by__isnull", False),
                        models.Q(("withdrawn_because", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="media_rating_withdrawn_by_at_and_because_all_or_none",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="mediarating",
            trigger=pgtrigger.compiler.Trigger(
                name="media_rating_is_never_reworded",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='RAISE EXCEPTION \'pgtrigger: Cannot update of "claim_id", "capture_id", "media", "rating", "context", "original_url", "rated_by_id", "rated_at" or delete rows from % table\', TG_TABLE_NAME;',
                    hash="ca3e1a2d4f3840796a97b30223629c15600f4783",
                    operation='UPDATE OF "claim_id", "capture_id", "media", "rating", "context", "original_url", "rated_by_id", "rated_at" OR DELETE',
                    pgid="pgtrigger_media_rating_is_never_reworded_e1701",
                    table="verify_mediarating",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="methodology",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "verify_methodologyevent" ("changed_at", "changed_by_id", "contact", "corrections", "corroboration", "definitions", "desk_id", "evaluation", "inclusion", "independence", "offers_packages", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "quality_control", "scope", "source_types") VALUES (NEW."changed_at", NEW."changed_by_id", NEW."contact", NEW."corrections", NEW."corroboration", NEW."definitions", NEW."desk_id", NEW."evaluation", NEW."inclusion", NEW."independence", NEW."offers_packages", _pgh_attach_context(), NOW(), \'insert\', NEW."desk_id", NEW."quality_control", NEW."scope", NEW."source_types"); RETURN NULL;',
                    hash="79ced2a2a5be45d6d3ce30dced9c135659991c3d",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_f6f31",
                    table="verify_methodology",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="methodology",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "verify_methodologyevent" ("changed_at", "changed_by_id", "contact", "corrections", "corroboration", "definitions", "desk_id", "evaluation", "inclusion", "independence", "offers_packages", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "quality_control", "scope", "source_types") VALUES (NEW."changed_at", NEW."changed_by_id", NEW."contact", NEW."corrections", NEW."corroboration", NEW."definitions", NEW."desk_id", NEW."evaluation", NEW."inclusion", NEW."independence", NEW."offers_packages", _pgh_attach_context(), NOW(), \'update\', NEW."desk_id", NEW."quality_control", NEW."scope", NEW."source_types"); RETURN NULL;',
                    hash="5e80be06f119c99c6df2f7a64871295220d9ad6d",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_2d667",
                    table="verify_methodology",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="methodologyevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="7734fbd1d62f3d90cc77bcb7dc304345efb52e70",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_10177",
                    table="verify_methodologyevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="webhook",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["active", "paused", "disabled", "removed"])),
                name="webhook_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="webhook",
            constraint=models.CheckConstraint(
                condition=models.Q(("told_of", []), _negated=True), name="a_webhook_is_told_of_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="webhook",
            constraint=models.CheckConstraint(
                condition=models.Q(("secret", ""), _negated=True), name="a_webhook_has_a_secret"
            ),
        ),
        migrations.AddConstraint(
            model_name="webhook",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("former_secret", ""), ("former_until__isnull", True)),
                    models.Q(models.Q(("former_secret", ""), _negated=True), ("former_until__isnull", False)),
                    _connector="OR",
                ),
                name="a_former_secret_ends",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="webhook",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "verify_webhookevent" ("all_desks", "changed_at", "created_at", "desk_id", "former_until", "id", "name", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "state", "told_of", "url") VALUES (NEW."all_desks", NEW."changed_at", NEW."created_at", NEW."desk_id", NEW."former_until", NEW."id", NEW."name", NEW."owner_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."state", NEW."told_of", NEW."url"); RETURN NULL;',
                    hash="ec63c01016011e3d8c0fa013dce2ceb6ec152792",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_a853d",
                    table="verify_webhook",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="webhook",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."all_desks" IS DISTINCT FROM (NEW."all_desks") OR OLD."changed_at" IS DISTINCT FROM (NEW."changed_at") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."desk_id" IS DISTINCT FROM (NEW."desk_id") OR OLD."former_until" IS DISTINCT FROM (NEW."former_until") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."owner_id" IS DISTINCT FROM (NEW."owner_id") OR OLD."state" IS DISTINCT FROM (NEW."state") OR OLD."told_of" IS DISTINCT FROM (NEW."told_of") OR OLD."url" IS DISTINCT FROM (NEW."url"))',
                    func='INSERT INTO "verify_webhookevent" ("all_desks", "changed_at", "created_at", "desk_id", "former_until", "id", "name", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "state", "told_of", "url") VALUES (NEW."all_desks", NEW."changed_at", NEW."created_at", NEW."desk_id", NEW."former_until", NEW."id", NEW."name", NEW."owner_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."state", NEW."told_of", NEW."url"); RETURN NULL;',
                    hash="366235f93cbb7a2c8eedbeeb95f9296b4fab9341",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_7d0c0",
                    table="verify_webhook",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(fields=["webhook", "-created_at", "-id"], name="deliveries_of_a_webhook"),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("state", "queued")), fields=["next_at"], name="deliveries_that_wait"
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.UniqueConstraint(
                condition=models.Q(("replay_of__isnull", True)),
                fields=("webhook", "announcement"),
                name="one_delivery_per_webhook_and_announcement",
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["queued", "delivered", "failed", "dropped"])),
                name="delivery_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("finished_at__isnull", True), ("next_at__isnull", False), ("state", "queued")),
                    models.Q(
                        models.Q(("state", "queued"), _negated=True),
                        ("finished_at__isnull", False),
                        ("next_at__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="a_delivery_waits_or_is_finished",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="webhookevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="f48271ed8c23ba721f27ce1ad98a11ebfea650fe",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_4c48a",
                    table="verify_webhookevent",
                    when="BEFORE",
                ),
            ),
        ),
        *(
            migrations.RunSQL(refuse_truncate(table), f"DROP TRIGGER {table}_no_truncate ON {table};")
            for table in (
                "verify_announcement",
                "verify_mediarating",
                "verify_methodologyevent",
                "verify_webhookevent",
            )
        ),
        # What is public already is announced as it stands, in the order in which it came to stand so.
        migrations.RunSQL(
            """
            INSERT INTO verify_announcement (number, mark, claim_id, state, version_id, at)
                SELECT row_number() OVER (ORDER BY changed_at, claim_id), gen_random_uuid(), claim_id, state, version_id,
                    changed_at FROM verify_publication WHERE version_id IS NOT NULL;
            """,
            migrations.RunSQL.noop,
        ),
    ]
