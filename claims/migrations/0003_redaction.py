"""What is quoted from a capture is emptied when it is erased, and nothing is quoted from it any more."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("claims", "0002_anchors_checked_again"),
        ("sources", "0006_redaction"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="anchorcheck",
            name="anchor_check_never_changes",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="anchor",
            trigger=pgtrigger.compiler.Trigger(
                name="nothing_is_taken_from_an_erased_text",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE erased TIMESTAMPTZ;",
                    func="\n            FOR erased IN SELECT redacted_at FROM sources_text WHERE id IN (NEW.text_id) ORDER BY id FOR SHARE LOOP\n                IF erased IS NOT NULL THEN\n                    RAISE EXCEPTION 'The text was erased: nothing can be quoted from it'\n                        USING ERRCODE = 'restrict_violation';\n                END IF;\n            END LOOP;\n            RETURN NEW;\n        ",
                    hash="2467e5d3a0879b9ac73d61f63606ba7ac04d7a25",
                    operation="INSERT",
                    pgid="pgtrigger_nothing_is_taken_from_an_erased_text_5bd4c",
                    table="claims_anchor",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="anchorcheck",
            trigger=pgtrigger.compiler.Trigger(
                name="anchor_check_never_changes",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            IF EXISTS (\n                SELECT FROM sources_text WHERE custody_erasing(capture_id) AND (\n                    id = OLD.text_id OR id = (SELECT text_id FROM claims_anchor WHERE id = OLD.anchor_id))\n            ) AND NEW.exact = ''\n                AND to_jsonb(NEW) - ARRAY['exact'] = to_jsonb(OLD) - ARRAY['exact'] THEN\n                RETURN NEW;\n            END IF;\n            RAISE EXCEPTION 'Cannot update rows from % table: what is on record stays, or is erased by two people',\n                TG_TABLE_NAME USING ERRCODE = 'restrict_violation';\n        ",
                    hash="d5e2a703835f80feafcae8dffb570c03bfc27753",
                    operation="UPDATE",
                    pgid="pgtrigger_anchor_check_never_changes_48dd0",
                    table="claims_anchorcheck",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="anchorcheck",
            trigger=pgtrigger.compiler.Trigger(
                name="nothing_is_taken_from_an_erased_text",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE erased TIMESTAMPTZ;",
                    func="\n            FOR erased IN SELECT redacted_at FROM sources_text WHERE id IN (NEW.text_id, (SELECT text_id FROM claims_anchor WHERE id = NEW.anchor_id)) ORDER BY id FOR SHARE LOOP\n                IF erased IS NOT NULL THEN\n                    RAISE EXCEPTION 'The text was erased: nothing can be quoted from it'\n                        USING ERRCODE = 'restrict_violation';\n                END IF;\n            END LOOP;\n            RETURN NEW;\n        ",
                    hash="275ab7a6e98f62be54b2a7b51d06dbcd5c772498",
                    operation="INSERT",
                    pgid="pgtrigger_nothing_is_taken_from_an_erased_text_a247c",
                    table="claims_anchorcheck",
                    when="BEFORE",
                ),
            ),
        ),
    ]
