"""SQL that holds rows of the archive as they are, but for one thing: an erasure that two people decided on.

A row may change only in a transaction that says that it means to erase (`custody.erasing`), for a capture whose
redaction is approved on record, and only in that named columns are emptied. Whoever sets the setting by mistake, or on
purpose, can still neither change a word into another nor empty what nobody decided on.
"""

from __future__ import annotations

import pgtrigger

CREATE_ERASING = """
CREATE FUNCTION custody_erasing(captured uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN current_setting('custody.erasing', true) = 'on' AND EXISTS (
        SELECT FROM sources_redaction WHERE capture_id = captured AND decision = 'approved'
    );
END $$;
"""
DROP_ERASING = "DROP FUNCTION custody_erasing(uuid);"


def only_erased(
    *, name: str, empty: dict[str, str], by: str = "custody_erasing(OLD.capture_id)"
) -> pgtrigger.Trigger:
    """Refuse every UPDATE but one that an erasure makes: `empty` names the columns and what each must then be (SQL)."""
    columns = ", ".join(f"'{column}'" for column in empty)
    emptied = " AND ".join(f"NEW.{column} {becomes}" for column, becomes in empty.items())
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        func=f"""
            IF {by} AND {emptied}
                AND to_jsonb(NEW) - ARRAY[{columns}] = to_jsonb(OLD) - ARRAY[{columns}] THEN
                RETURN NEW;
            END IF;
            RAISE EXCEPTION 'Cannot update rows from % table: what is on record stays, or is erased by two people',
                TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
        """,
    )
