"""Tasks that are taken, passed on and adjudicated; checklists, comments, notifications, drafts, saved views."""

import uuid

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from sources.custody.triggers import refuse_truncate

HISTORIES = (
    *("accounts_deskevent", "accounts_invitationevent", "accounts_membershipevent", "claims_caseevent"),
    *("verify_checklistitemevent", "verify_commentevent", "verify_duetimeevent", "verify_ratingevent"),
    *(
        "verify_taskevent",
        "verify_checklistanswer",
        "verify_comment",
        "claims_topicevent",
        "claims_filingevent",
    ),
)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_invitations_second_factor_history"),
        ("claims", "0006_history_of_cases"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("sources", "0008_names_are_searched_by_key"),
        ("verify", "0002_history_is_not_truncated"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ChecklistAnswer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "answer",
                    models.CharField(
                        choices=[("yes", "Yes"), ("no", "No"), ("not-applicable", "Does not apply")],
                        max_length=15,
                    ),
                ),
            ],
            options={
                "ordering": ["item__position", "item_id"],
            },
        ),
        migrations.CreateModel(
            name="ChecklistItem",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("source-check", "Source check"),
                            ("evidence-review", "Evidence review"),
                            ("verdict", "Verdict"),
                            ("sign-off", "Final sign-off"),
                            ("recheck", "Re-check after a change"),
                            ("adjudication", "Adjudication"),
                        ],
                        help_text="Empty: for every review.",
                        max_length=20,
                        verbose_name="for",
                    ),
                ),
                ("text", models.CharField(max_length=200, verbose_name="question")),
                ("text_ar", models.CharField(blank=True, max_length=200, verbose_name="question in Arabic")),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("retired_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["position", "id"],
            },
        ),
        migrations.CreateModel(
            name="ChecklistItemEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("source-check", "Source check"),
                            ("evidence-review", "Evidence review"),
                            ("verdict", "Verdict"),
                            ("sign-off", "Final sign-off"),
                            ("recheck", "Re-check after a change"),
                            ("adjudication", "Adjudication"),
                        ],
                        help_text="Empty: for every review.",
                        max_length=20,
                        verbose_name="for",
                    ),
                ),
                ("text", models.CharField(max_length=200, verbose_name="question")),
                ("text_ar", models.CharField(blank=True, max_length=200, verbose_name="question in Arabic")),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("retired_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Comment",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("text", models.TextField(verbose_name="comment")),
                ("created_at", models.DateTimeField()),
                ("edited_at", models.DateTimeField(blank=True, null=True)),
                (
                    "removed_at",
                    models.DateTimeField(blank=True, help_text="its author took it back", null=True),
                ),
                ("resolved_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["created_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="CommentEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                ("text", models.TextField(verbose_name="comment")),
                ("created_at", models.DateTimeField()),
                ("edited_at", models.DateTimeField(blank=True, null=True)),
                (
                    "removed_at",
                    models.DateTimeField(blank=True, help_text="its author took it back", null=True),
                ),
                ("resolved_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Digest",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="digest",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("hour", models.PositiveSmallIntegerField(default=6, verbose_name="hour of the day (UTC)")),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                ("silent", models.BooleanField(default=False, verbose_name="no e-mail at all")),
            ],
        ),
        migrations.CreateModel(
            name="DueTime",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("source-check", "Source check"),
                            ("evidence-review", "Evidence review"),
                            ("verdict", "Verdict"),
                            ("sign-off", "Final sign-off"),
                            ("recheck", "Re-check after a change"),
                            ("adjudication", "Adjudication"),
                        ],
                        max_length=20,
                    ),
                ),
                ("hours", models.PositiveSmallIntegerField(verbose_name="hours")),
            ],
            options={
                "ordering": ["kind"],
            },
        ),
        migrations.CreateModel(
            name="DueTimeEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("source-check", "Source check"),
                            ("evidence-review", "Evidence review"),
                            ("verdict", "Verdict"),
                            ("sign-off", "Final sign-off"),
                            ("recheck", "Re-check after a change"),
                            ("adjudication", "Adjudication"),
                        ],
                        max_length=20,
                    ),
                ),
                ("hours", models.PositiveSmallIntegerField(verbose_name="hours")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="FormDraft",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(help_text="which form, on which page", max_length=200)),
                ("fields", models.JSONField(help_text="a list of values by the name of the field")),
                ("saved_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["-saved_at"],
            },
        ),
        migrations.CreateModel(
            name="Notification",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "kind",
                    models.CharField(
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
                        ],
                        max_length=12,
                    ),
                ),
                ("key", models.CharField(max_length=200)),
                ("created_at", models.DateTimeField()),
                ("read_at", models.DateTimeField(blank=True, null=True)),
                (
                    "mail",
                    models.CharField(
                        choices=[
                            ("never", "never"),
                            ("immediate", "at once"),
                            ("digest", "in the daily digest"),
                        ],
                        default="never",
                        max_length=9,
                    ),
                ),
                ("mailed_at", models.DateTimeField(blank=True, null=True)),
                ("mail_attempts", models.PositiveSmallIntegerField(default=0)),
                (
                    "mail_after",
                    models.DateTimeField(blank=True, help_text="not before; set after a failure", null=True),
                ),
            ],
            options={
                "ordering": ["-created_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Preference",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
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
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "mail",
                    models.CharField(
                        choices=[
                            ("never", "never"),
                            ("immediate", "at once"),
                            ("digest", "in the daily digest"),
                        ],
                        max_length=9,
                    ),
                ),
            ],
            options={
                "ordering": ["user", "kind"],
            },
        ),
        migrations.CreateModel(
            name="RatingEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("code", models.SlugField(db_index=False, max_length=30, verbose_name="code")),
                (
                    "value",
                    models.PositiveSmallIntegerField(
                        help_text="1 is the worst; the highest step is the best.", verbose_name="value"
                    ),
                ),
                ("label", models.CharField(max_length=60, verbose_name="label")),
                ("label_ar", models.CharField(blank=True, max_length=60, verbose_name="label in Arabic")),
                ("retired", models.BooleanField(default=False)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="SavedView",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                (
                    "query",
                    models.CharField(blank=True, help_text="the query string of the board", max_length=1000),
                ),
                ("is_shared", models.BooleanField(default=False, verbose_name="for the whole desk")),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["name", "id"],
            },
        ),
        migrations.CreateModel(
            name="TaskEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("source-check", "Source check"),
                            ("evidence-review", "Evidence review"),
                            ("verdict", "Verdict"),
                            ("sign-off", "Final sign-off"),
                            ("recheck", "Re-check after a change"),
                            ("adjudication", "Adjudication"),
                        ],
                        default="sign-off",
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("assigned", "Assigned"),
                            ("accepted", "Accepted"),
                            ("declined", "Declined"),
                            ("submitted", "Submitted"),
                            ("agreed", "Agreed"),
                            ("conflict", "Conflict"),
                            ("adjudicated", "Adjudicated"),
                            ("done", "Done"),
                        ],
                        default="open",
                        max_length=12,
                    ),
                ),
                ("instructions", models.TextField(blank=True, verbose_name="instructions")),
                (
                    "priority",
                    models.PositiveSmallIntegerField(
                        choices=[(1, "Low"), (2, "Normal"), (3, "High"), (4, "Urgent")],
                        default=2,
                        verbose_name="priority",
                    ),
                ),
                ("due_at", models.DateTimeField(blank=True, null=True, verbose_name="due")),
                (
                    "escalated_at",
                    models.DateTimeField(
                        blank=True, help_text="when the editors were told that it is overdue", null=True
                    ),
                ),
                (
                    "cause",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("lost-quote", "A quotation was altered or is gone"),
                            ("changed-page", "A page that the claim stands on was changed or is gone"),
                            ("new-figure", "A source has replaced its figure"),
                        ],
                        max_length=20,
                    ),
                ),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "abstract": False,
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="review",
            name="four_eyes",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="task",
            name="a_reviewer_is_never_the_author",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="version",
            name="approved_by_enough_people",
        ),
        migrations.RemoveConstraint(
            model_name="review",
            name="one_review_per_person_and_content",
        ),
        migrations.RemoveConstraint(
            model_name="task",
            name="one_task_at_a_time_per_person_and_claim",
        ),
        migrations.AddField(
            model_name="review",
            name="kind",
            field=models.CharField(
                choices=[
                    ("source-check", "Source check"),
                    ("evidence-review", "Evidence review"),
                    ("verdict", "Verdict"),
                    ("sign-off", "Final sign-off"),
                    ("recheck", "Re-check after a change"),
                    ("adjudication", "Adjudication"),
                ],
                default="sign-off",
                help_text="the task's",
                max_length=20,
            ),
            preserve_default=False,
        ),
        # What was judged before the kind stood on the review itself.
        migrations.RunSQL(
            """
            ALTER TABLE verify_review DISABLE TRIGGER pgtrigger_a_review_is_final_a035b;
            UPDATE verify_review SET kind = t.kind FROM verify_task t WHERE t.id = verify_review.task_id;
            ALTER TABLE verify_review ENABLE TRIGGER pgtrigger_a_review_is_final_a035b;
            """,
            migrations.RunSQL.noop,
        ),
        migrations.AddField(
            model_name="review",
            name="rating",
            field=models.ForeignKey(
                blank=True,
                help_text="The verdict that you would give yourself.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="verify.rating",
                verbose_name="verdict",
            ),
        ),
        migrations.AddField(
            model_name="task",
            name="cause",
            field=models.CharField(
                blank=True,
                choices=[
                    ("lost-quote", "A quotation was altered or is gone"),
                    ("changed-page", "A page that the claim stands on was changed or is gone"),
                    ("new-figure", "A source has replaced its figure"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="task",
            name="change",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="tasks",
                to="sources.change",
            ),
        ),
        migrations.AddField(
            model_name="task",
            name="escalated_at",
            field=models.DateTimeField(
                blank=True, help_text="when the editors were told that it is overdue", null=True
            ),
        ),
        migrations.AddField(
            model_name="task",
            name="figure",
            field=models.ForeignKey(
                blank=True,
                help_text="the figure that replaced one of the claim's",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="tasks",
                to="claims.figure",
            ),
        ),
        migrations.AddField(
            model_name="task",
            name="priority",
            field=models.PositiveSmallIntegerField(
                choices=[(1, "Low"), (2, "Normal"), (3, "High"), (4, "Urgent")],
                default=2,
                verbose_name="priority",
            ),
        ),
        migrations.AlterField(
            model_name="task",
            name="created_by",
            field=models.ForeignKey(
                blank=True,
                help_text="empty for what the system asks",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="task",
            name="kind",
            field=models.CharField(
                choices=[
                    ("source-check", "Source check"),
                    ("evidence-review", "Evidence review"),
                    ("verdict", "Verdict"),
                    ("sign-off", "Final sign-off"),
                    ("recheck", "Re-check after a change"),
                    ("adjudication", "Adjudication"),
                ],
                default="sign-off",
                max_length=20,
                verbose_name="kind",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="rating",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "verify_ratingevent" ("code", "desk_id", "id", "label", "label_ar", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "retired", "value") VALUES (NEW."code", NEW."desk_id", NEW."id", NEW."label", NEW."label_ar", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."retired", NEW."value"); RETURN NULL;',
                    hash="71a276b5e88c28da46d877ef17fcd95330b4dbf4",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_61438",
                    table="verify_rating",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="rating",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "verify_ratingevent" ("code", "desk_id", "id", "label", "label_ar", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "retired", "value") VALUES (NEW."code", NEW."desk_id", NEW."id", NEW."label", NEW."label_ar", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."retired", NEW."value"); RETURN NULL;',
                    hash="14a1d61f37b8f311a9fe1b75245e8e2a50e3d316",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_cebc1",
                    table="verify_rating",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="review",
            trigger=pgtrigger.compiler.Trigger(
                name="four_eyes",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE claim RECORD; task RECORD; verdict RECORD;",
                    func="\n                    SELECT author_id, changed_by_id INTO claim FROM claims_claim WHERE id = NEW.claim_id FOR SHARE;\n                    SELECT proposed_by_id, rating_id INTO verdict FROM verify_verdict\n                        WHERE claim_id = NEW.claim_id ORDER BY number DESC LIMIT 1;\n                    SELECT claim_id, assignee_id, kind INTO task FROM verify_task WHERE id = NEW.task_id;\n                    IF NEW.reviewer_id IN (claim.author_id, claim.changed_by_id, verdict.proposed_by_id) THEN\n                        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'four_eyes',\n                            MESSAGE = 'The author of a claim, or who changed it last, may not review it.';\n                    END IF;\n                    IF task.claim_id <> NEW.claim_id OR task.kind <> NEW.kind\n                            OR task.assignee_id IS DISTINCT FROM NEW.reviewer_id THEN\n                        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'four_eyes',\n                            MESSAGE = 'Only the reviewer to whom the task is assigned may review.';\n                    END IF;\n                    IF NEW.kind = 'adjudication' AND EXISTS (SELECT FROM verify_review WHERE claim_id = NEW.claim_id\n                            AND content_digest = NEW.content_digest AND reviewer_id = NEW.reviewer_id) THEN\n                        RAISE EXCEPTION USING ERRCODE = 'check_violation',\n                            CONSTRAINT = 'an_adjudicator_is_none_of_the_reviewers',\n                            MESSAGE = 'Whoever gave one of the opinions may not decide between them.';\n                    END IF;\n                    IF NEW.opinion = 'approve' AND NEW.rating_id <> verdict.rating_id THEN\n                        RAISE EXCEPTION USING ERRCODE = 'check_violation',\n                            CONSTRAINT = 'who_approves_gives_the_same_verdict',\n                            MESSAGE = 'Whoever would give another verdict does not approve this one.';\n                    END IF;\n                    RETURN NEW;\n                ",
                    hash="7f0be693897c94aa3a6e3d1a15b11790a787051a",
                    operation="INSERT",
                    pgid="pgtrigger_four_eyes_00ec3",
                    table="verify_review",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="task",
            trigger=pgtrigger.compiler.Trigger(
                name="a_reviewer_is_never_the_author",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE claim RECORD; proposer UUID;",
                    func="\n                    IF NEW.assignee_id IS NULL THEN\n                        RETURN NEW;\n                    END IF;\n                    SELECT author_id, changed_by_id INTO claim FROM claims_claim WHERE id = NEW.claim_id FOR SHARE;\n                    SELECT proposed_by_id INTO proposer FROM verify_verdict\n                        WHERE claim_id = NEW.claim_id ORDER BY number DESC LIMIT 1;\n                    IF NEW.assignee_id IN (claim.author_id, claim.changed_by_id, proposer) THEN\n                        RAISE EXCEPTION USING ERRCODE = 'check_violation',\n                            CONSTRAINT = 'a_reviewer_is_never_the_author',\n                            MESSAGE = 'The author of a claim, or who changed it last, may not review it.';\n                    END IF;\n                    IF NEW.kind = 'adjudication' AND EXISTS (SELECT FROM verify_task WHERE claim_id = NEW.claim_id\n                            AND state = 'conflict' AND assignee_id = NEW.assignee_id) THEN\n                        RAISE EXCEPTION USING ERRCODE = 'check_violation',\n                            CONSTRAINT = 'an_adjudicator_is_none_of_the_reviewers',\n                            MESSAGE = 'Whoever gave one of the opinions may not decide between them.';\n                    END IF;\n                    RETURN NEW;\n                ",
                    hash="7e3f359ab8f4ce8bc95aa6bb1379143a42a98c2e",
                    operation='INSERT OR UPDATE OF "assignee_id", "claim_id", "kind"',
                    pgid="pgtrigger_a_reviewer_is_never_the_author_bd2f1",
                    table="verify_task",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="task",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "verify_taskevent" ("assignee_id", "cause", "change_id", "claim_id", "created_at", "created_by_id", "due_at", "escalated_at", "figure_id", "id", "instructions", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "priority", "state") VALUES (NEW."assignee_id", NEW."cause", NEW."change_id", NEW."claim_id", NEW."created_at", NEW."created_by_id", NEW."due_at", NEW."escalated_at", NEW."figure_id", NEW."id", NEW."instructions", NEW."kind", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."priority", NEW."state"); RETURN NULL;',
                    hash="55a98c6cb3740ccb9621cf4b0666380abb6318c4",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_f3a02",
                    table="verify_task",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="task",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "verify_taskevent" ("assignee_id", "cause", "change_id", "claim_id", "created_at", "created_by_id", "due_at", "escalated_at", "figure_id", "id", "instructions", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "priority", "state") VALUES (NEW."assignee_id", NEW."cause", NEW."change_id", NEW."claim_id", NEW."created_at", NEW."created_by_id", NEW."due_at", NEW."escalated_at", NEW."figure_id", NEW."id", NEW."instructions", NEW."kind", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."priority", NEW."state"); RETURN NULL;',
                    hash="595a3a99e012b13df015504b95838d64ab5077f2",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_e4b90",
                    table="verify_task",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="version",
            trigger=pgtrigger.compiler.Trigger(
                name="approved_by_enough_people",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE needed INTEGER; approvals INTEGER;",
                    func="\n                    -- Withdrawing what was published needs no new approval, whatever the desk asks for by now.\n                    IF NEW.kind = 'retracted' AND EXISTS (SELECT FROM verify_version\n                        WHERE claim_id = NEW.claim_id AND content_digest = NEW.content_digest) THEN\n                        RETURN NEW;\n                    END IF;\n                    SELECT d.approvals_needed INTO needed FROM claims_claim c\n                        JOIN accounts_desk d ON d.id = c.desk_id WHERE c.id = NEW.claim_id;\n                    SELECT count(DISTINCT reviewer_id) INTO approvals FROM verify_review\n                        WHERE claim_id = NEW.claim_id AND content_digest = NEW.content_digest AND opinion = 'approve'\n                        AND kind IN ('verdict', 'sign-off', 'adjudication');\n                    IF approvals < needed THEN\n                        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'approved_by_enough_people',\n                          MESSAGE = format('Publishing needs %s approvals of its content, not %s.', needed, approvals);\n                    END IF;\n                    IF EXISTS (SELECT FROM verify_review WHERE claim_id = NEW.claim_id\n                            AND content_digest = NEW.content_digest AND opinion = 'return'\n                            AND kind IN ('source-check', 'evidence-review', 'verdict', 'sign-off'))\n                        AND NOT EXISTS (SELECT FROM verify_review WHERE claim_id = NEW.claim_id\n                            AND content_digest = NEW.content_digest AND opinion = 'approve' AND kind = 'adjudication')\n                        THEN\n                        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'a_return_is_adjudicated_first',\n                          MESSAGE = 'A reviewer returned this content, and nobody has decided between the opinions.';\n                    END IF;\n                    RETURN NEW;\n                ",
                    hash="96e0dd6aeefedc3dc550fe16eeb48a368739c115",
                    operation="INSERT",
                    pgid="pgtrigger_approved_by_enough_people_16d55",
                    table="verify_version",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "recheck"), _negated=True),
                fields=("claim", "reviewer", "content_digest", "kind"),
                name="one_review_of_a_kind_per_person_and_content",
            ),
        ),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "open"), _negated=True), ("assignee__isnull", True), _connector="OR"
                ),
                name="an_open_task_has_no_reviewer",
            ),
        ),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        ["source-check", "evidence-review", "verdict", "sign-off", "recheck", "adjudication"],
                    )
                ),
                name="task_kind_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.CheckConstraint(
                condition=models.Q(("priority__in", [1, 2, 3, 4])), name="task_priority_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("cause", ""),
                        ("change__isnull", True),
                        ("created_by__isnull", False),
                        ("figure__isnull", True),
                    ),
                    models.Q(
                        ("cause", "new-figure"),
                        ("change__isnull", True),
                        ("figure__isnull", False),
                        ("kind", "recheck"),
                    ),
                    models.Q(
                        ("cause__in", ["lost-quote", "changed-page"]),
                        ("change__isnull", False),
                        ("figure__isnull", True),
                        ("kind", "recheck"),
                    ),
                    _connector="OR",
                ),
                name="a_task_is_asked_by_somebody_or_for_a_cause",
            ),
        ),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["assigned", "accepted"])),
                fields=("claim", "assignee", "kind"),
                name="one_task_of_a_kind_per_person_and_claim",
            ),
        ),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "adjudication"), ("state__in", ["open", "assigned", "accepted"])),
                fields=("claim",),
                name="one_adjudication_at_a_time_per_claim",
            ),
        ),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.UniqueConstraint(
                condition=models.Q(("cause", ""), _negated=True),
                fields=("claim", "change"),
                name="one_recheck_per_claim_and_change",
            ),
        ),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.UniqueConstraint(
                condition=models.Q(("cause", ""), _negated=True),
                fields=("claim", "figure"),
                name="one_recheck_per_claim_and_figure",
            ),
        ),
        migrations.AddField(
            model_name="checklistanswer",
            name="review",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="answers", to="verify.review"
            ),
        ),
        migrations.AddField(
            model_name="checklistitem",
            name="desk",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="checklist", to="accounts.desk"
            ),
        ),
        migrations.AddField(
            model_name="checklistanswer",
            name="item",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="answers", to="verify.checklistitem"
            ),
        ),
        migrations.AddField(
            model_name="checklistitemevent",
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
            model_name="checklistitemevent",
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
            model_name="checklistitemevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="verify.checklistitem",
            ),
        ),
        migrations.AddField(
            model_name="comment",
            name="anchor",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="comments",
                to="claims.anchor",
            ),
        ),
        migrations.AddField(
            model_name="comment",
            name="assertion",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="comments",
                to="claims.assertion",
            ),
        ),
        migrations.AddField(
            model_name="comment",
            name="author",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="comments",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="comment",
            name="claim",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="comments", to="claims.claim"
            ),
        ),
        migrations.AddField(
            model_name="comment",
            name="figure",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="comments",
                to="claims.figure",
            ),
        ),
        migrations.AddField(
            model_name="comment",
            name="mentions",
            field=models.ManyToManyField(
                blank=True, related_name="mentioned_in", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="comment",
            name="parent",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="replies",
                to="verify.comment",
            ),
        ),
        migrations.AddField(
            model_name="comment",
            name="resolved_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="commentevent",
            name="anchor",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="claims.anchor",
            ),
        ),
        migrations.AddField(
            model_name="commentevent",
            name="assertion",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="claims.assertion",
            ),
        ),
        migrations.AddField(
            model_name="commentevent",
            name="author",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="commentevent",
            name="claim",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="claims.claim",
            ),
        ),
        migrations.AddField(
            model_name="commentevent",
            name="figure",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="claims.figure",
            ),
        ),
        migrations.AddField(
            model_name="commentevent",
            name="parent",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="verify.comment",
            ),
        ),
        migrations.AddField(
            model_name="commentevent",
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
            model_name="commentevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="verify.comment",
            ),
        ),
        migrations.AddField(
            model_name="commentevent",
            name="resolved_by",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="digest",
            constraint=models.CheckConstraint(
                condition=models.Q(("hour__lte", 23)), name="an_hour_of_the_day"
            ),
        ),
        migrations.AddField(
            model_name="duetime",
            name="desk",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="due_times", to="accounts.desk"
            ),
        ),
        migrations.AddField(
            model_name="duetimeevent",
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
            model_name="duetimeevent",
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
            model_name="duetimeevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="verify.duetime",
            ),
        ),
        migrations.AddField(
            model_name="formdraft",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="form_drafts",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="notification",
            name="actor",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="notification",
            name="claim",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="claims.claim",
            ),
        ),
        migrations.AddField(
            model_name="notification",
            name="comment",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="verify.comment",
            ),
        ),
        migrations.AddField(
            model_name="notification",
            name="desk",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.desk"
            ),
        ),
        migrations.AddField(
            model_name="notification",
            name="recipient",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="notifications",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="notification",
            name="task",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="verify.task",
            ),
        ),
        migrations.AddField(
            model_name="preference",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="notification_preferences",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="ratingevent",
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
            model_name="ratingevent",
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
            model_name="ratingevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="verify.rating",
            ),
        ),
        migrations.AddField(
            model_name="savedview",
            name="desk",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="saved_views", to="accounts.desk"
            ),
        ),
        migrations.AddField(
            model_name="savedview",
            name="owner",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="saved_views",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="taskevent",
            name="assignee",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="reviewer",
            ),
        ),
        migrations.AddField(
            model_name="taskevent",
            name="change",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="sources.change",
            ),
        ),
        migrations.AddField(
            model_name="taskevent",
            name="claim",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="claims.claim",
            ),
        ),
        migrations.AddField(
            model_name="taskevent",
            name="created_by",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                help_text="empty for what the system asks",
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="taskevent",
            name="figure",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                help_text="the figure that replaced one of the claim's",
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="claims.figure",
            ),
        ),
        migrations.AddField(
            model_name="taskevent",
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
            model_name="taskevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="verify.task",
            ),
        ),
        migrations.AddConstraint(
            model_name="checklistitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("text", ""), _negated=True), name="a_checklist_item_asks_something"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="checklistitem",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "verify_checklistitemevent" ("desk_id", "id", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "retired_at", "text", "text_ar") VALUES (NEW."desk_id", NEW."id", NEW."kind", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."position", NEW."retired_at", NEW."text", NEW."text_ar"); RETURN NULL;',
                    hash="6b166453a0591745a27b3ee7afe8b775140f1412",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_c9372",
                    table="verify_checklistitem",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="checklistitem",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "verify_checklistitemevent" ("desk_id", "id", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "retired_at", "text", "text_ar") VALUES (NEW."desk_id", NEW."id", NEW."kind", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."position", NEW."retired_at", NEW."text", NEW."text_ar"); RETURN NULL;',
                    hash="6c83f900498de07c511485567233598d9bf464f9",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_c8a23",
                    table="verify_checklistitem",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="checklistanswer",
            constraint=models.UniqueConstraint(
                fields=("review", "item"), name="one_answer_per_review_and_question"
            ),
        ),
        migrations.AddConstraint(
            model_name="checklistanswer",
            constraint=models.CheckConstraint(
                condition=models.Q(("answer__in", ["yes", "no", "not-applicable"])), name="answer_is_known"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="checklistanswer",
            trigger=pgtrigger.compiler.Trigger(
                name="an_answer_is_final",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="681d1c5ab8c33d7d44738b53bc588a7113626af2",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_an_answer_is_final_b06ac",
                    table="verify_checklistanswer",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="checklistitemevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="f26169da20254ea6a0f5d7ff4ebfa7e7577d6c3c",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_cb6bb",
                    table="verify_checklistitemevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(fields=["claim", "parent", "created_at"], name="threads_of_a_claim"),
        ),
        migrations.AddConstraint(
            model_name="comment",
            constraint=models.CheckConstraint(
                condition=models.Q(("text", ""), _negated=True), name="a_comment_says_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="comment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("parent__isnull", True),
                    models.Q(
                        ("anchor__isnull", True),
                        ("assertion__isnull", True),
                        ("figure__isnull", True),
                        ("resolved_at__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="only_the_first_of_a_thread_has_a_target_and_is_resolved",
            ),
        ),
        migrations.AddConstraint(
            model_name="comment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("anchor__isnull", True), ("assertion__isnull", True)),
                    models.Q(("assertion__isnull", True), ("figure__isnull", True)),
                    models.Q(("anchor__isnull", True), ("figure__isnull", True)),
                    _connector="OR",
                ),
                name="a_thread_is_about_one_thing",
            ),
        ),
        migrations.AddConstraint(
            model_name="comment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("resolved_at__isnull", True), ("resolved_by__isnull", True)),
                    models.Q(("resolved_at__isnull", False), ("resolved_by__isnull", False)),
                    _connector="OR",
                ),
                name="resolved_by_and_at_all_or_none",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="comment",
            trigger=pgtrigger.compiler.Trigger(
                name="a_comment_is_never_deleted",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="c805cec670a7bb4e792f8957e1daac90b43e96de",
                    operation="DELETE",
                    pgid="pgtrigger_a_comment_is_never_deleted_d4537",
                    table="verify_comment",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="comment",
            trigger=pgtrigger.compiler.Trigger(
                name="a_thread_stays_with_its_claim",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE root RECORD;",
                    func="\n                    SELECT claim_id, parent_id INTO root FROM verify_comment WHERE id = NEW.parent_id;\n                    IF NEW.parent_id IS NOT NULL AND (root.claim_id <> NEW.claim_id OR root.parent_id IS NOT NULL)\n                        OR NEW.assertion_id IS NOT NULL AND NEW.claim_id IS DISTINCT FROM\n                            (SELECT claim_id FROM claims_assertion WHERE id = NEW.assertion_id)\n                        OR NEW.figure_id IS NOT NULL AND NEW.claim_id IS DISTINCT FROM\n                            (SELECT claim_id FROM claims_figure WHERE id = NEW.figure_id)\n                        OR NEW.anchor_id IS NOT NULL AND NEW.claim_id IS DISTINCT FROM\n                            (SELECT a.claim_id FROM claims_anchor q JOIN claims_assertion a ON a.id = q.assertion_id\n                             WHERE q.id = NEW.anchor_id) THEN\n                        RAISE EXCEPTION USING ERRCODE = 'check_violation',\n                            CONSTRAINT = 'a_thread_stays_with_its_claim',\n                            MESSAGE = 'A comment is about something of its own claim.';\n                    END IF;\n                    RETURN NEW;\n                ",
                    hash="a82aef893708a3f656e79c7449f45d5c5ec7d3b3",
                    operation='INSERT OR UPDATE OF "claim_id", "parent_id", "assertion_id", "anchor_id", "figure_id"',
                    pgid="pgtrigger_a_thread_stays_with_its_claim_d162f",
                    table="verify_comment",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="comment",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "verify_commentevent" ("anchor_id", "assertion_id", "author_id", "claim_id", "created_at", "edited_at", "figure_id", "id", "parent_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "removed_at", "resolved_at", "resolved_by_id", "text") VALUES (NEW."anchor_id", NEW."assertion_id", NEW."author_id", NEW."claim_id", NEW."created_at", NEW."edited_at", NEW."figure_id", NEW."id", NEW."parent_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."removed_at", NEW."resolved_at", NEW."resolved_by_id", NEW."text"); RETURN NULL;',
                    hash="7a22a55fbbdacce72babbe2b8a825f4024647b85",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_98c9f",
                    table="verify_comment",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="comment",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "verify_commentevent" ("anchor_id", "assertion_id", "author_id", "claim_id", "created_at", "edited_at", "figure_id", "id", "parent_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "removed_at", "resolved_at", "resolved_by_id", "text") VALUES (NEW."anchor_id", NEW."assertion_id", NEW."author_id", NEW."claim_id", NEW."created_at", NEW."edited_at", NEW."figure_id", NEW."id", NEW."parent_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."removed_at", NEW."resolved_at", NEW."resolved_by_id", NEW."text"); RETURN NULL;',
                    hash="762c702e279b72c3bb365cd5b2529474df65da9d",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_df14b",
                    table="verify_comment",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="commentevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="16aa0cda90251f3f786eb03f916e337f5281b41b",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_e8949",
                    table="verify_commentevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="duetime",
            constraint=models.UniqueConstraint(
                fields=("desk", "kind"), name="one_due_time_per_kind_and_desk"
            ),
        ),
        migrations.AddConstraint(
            model_name="duetime",
            constraint=models.CheckConstraint(
                condition=models.Q(("hours__gte", 1), ("hours__lte", 8760)),
                name="a_due_time_is_an_hour_to_a_year",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="duetime",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "verify_duetimeevent" ("desk_id", "hours", "id", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."desk_id", NEW."hours", NEW."id", NEW."kind", _pgh_attach_context(), NOW(), \'insert\', NEW."id"); RETURN NULL;',
                    hash="8e90368221f4d537a6a7786f1610b158acd039ce",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_56668",
                    table="verify_duetime",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="duetime",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "verify_duetimeevent" ("desk_id", "hours", "id", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."desk_id", NEW."hours", NEW."id", NEW."kind", _pgh_attach_context(), NOW(), \'update\', NEW."id"); RETURN NULL;',
                    hash="836ad95f65d6b8b9f0226f98b326f599e6786080",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_1062f",
                    table="verify_duetime",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="duetime",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "verify_duetimeevent" ("desk_id", "hours", "id", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (OLD."desk_id", OLD."hours", OLD."id", OLD."kind", _pgh_attach_context(), NOW(), \'delete\', OLD."id"); RETURN NULL;',
                    hash="778f7ca59af9a7666e9798dae6a1b4425def9fed",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_3a93e",
                    table="verify_duetime",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="duetimeevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="0dfaaa0f61f0e2ac812855b442faeeaf18fa4ccb",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_f79fa",
                    table="verify_duetimeevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="formdraft",
            constraint=models.UniqueConstraint(fields=("user", "key"), name="one_draft_per_person_and_form"),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(fields=["recipient", "desk", "-created_at"], name="notifications_of_a_person"),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(
                condition=models.Q(("read_at__isnull", True)),
                fields=["recipient", "desk", "-created_at"],
                name="unread_of_a_person",
            ),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(
                condition=models.Q(
                    ("mailed_at__isnull", True),
                    ("read_at__isnull", True),
                    models.Q(("mail", "never"), _negated=True),
                ),
                fields=["mail", "created_at"],
                name="mails_to_be_sent",
            ),
        ),
        migrations.AddConstraint(
            model_name="notification",
            constraint=models.UniqueConstraint(
                fields=("recipient", "key"), name="one_notification_per_person_and_event"
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
                        ],
                    )
                ),
                name="notification_kind_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="notification",
            constraint=models.CheckConstraint(
                condition=models.Q(("mail__in", ["never", "immediate", "digest"])),
                name="notification_mail_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="preference",
            constraint=models.UniqueConstraint(
                fields=("user", "kind"), name="one_preference_per_person_and_kind"
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
                        ],
                    )
                ),
                name="preference_kind_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="preference",
            constraint=models.CheckConstraint(
                condition=models.Q(("mail__in", ["never", "immediate", "digest"])),
                name="preference_mail_is_known",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ratingevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="16a6c2135635646c32c6b1cec54ca73a4e1c200d",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_630a5",
                    table="verify_ratingevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="savedview",
            constraint=models.UniqueConstraint(
                fields=("desk", "owner", "name"), name="one_view_of_a_name_per_person"
            ),
        ),
        migrations.AddConstraint(
            model_name="savedview",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="a_saved_view_has_a_name"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="taskevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="0a1a8bec7dfabef2937e1f0e1ba386be92510adc",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_540d2",
                    table="verify_taskevent",
                    when="BEFORE",
                ),
            ),
        ),
        *(
            migrations.RunSQL(refuse_truncate(table), f"DROP TRIGGER {table}_no_truncate ON {table};")
            for table in HISTORIES
        ),
    ]
