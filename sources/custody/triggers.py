"""SQL for migrations: what holds the log append-only and without a hole, whoever speaks to the database.

The triggers are ENABLE ALWAYS, so that `session_replication_role = replica` does not pass them, and they look at no
setting that a session could make to be let through. Row triggers refuse UPDATE and DELETE however they arrive (a
view, an inheriting table); TRUNCATE fires statement triggers only, so it has its own.
"""

from __future__ import annotations

LOG_LOCK = 7_310_579_300_001  # pg_advisory_xact_lock keys: appending an entry, signing a checkpoint
SIGN_LOCK = 7_310_579_300_002

CREATE_REFUSAL = """
CREATE FUNCTION custody_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused. What was recorded stays; record a new entry instead.',
        TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
"""
DROP_REFUSAL = "DROP FUNCTION custody_refuse_change();"


def append_only(table: str) -> str:
    """Refuse UPDATE, DELETE and TRUNCATE on `table`; needs CREATE_REFUSAL to have run."""
    return f"""
CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION custody_refuse_change();
CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION custody_refuse_change();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_change;
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_truncate;
"""


def refuse_truncate(table: str) -> str:
    """Refuse TRUNCATE, also by CASCADE, on a `table` whose row triggers stand elsewhere; needs CREATE_REFUSAL."""
    return f"""
CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION custody_refuse_change();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_truncate;
"""


def drop_append_only(table: str) -> str:
    return f"DROP TRIGGER {table}_no_change ON {table}; DROP TRIGGER {table}_no_truncate ON {table};"


CREATE_CONTIGUOUS = f"""
-- Without enable_seqscan = off, a session that first appends to a short log keeps the plan that suits a short log, and
-- reads the whole table for each entry ever after.
CREATE FUNCTION custody_next_index() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    expected bigint;
BEGIN
    -- Held until the transaction ends: whoever sees entry n also sees all before it, and a rollback leaves no hole.
    PERFORM pg_advisory_xact_lock({LOG_LOCK});
    SELECT coalesce(max(index) + 1, 0) INTO expected FROM sources_entry;
    IF NEW.index IS NULL THEN
        NEW.index := expected;
    ELSIF NEW.index <> expected THEN
        RAISE EXCEPTION 'the next log entry is %, not %: the log has no holes and no second entry at one index',
            expected, NEW.index USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER sources_entry_contiguous BEFORE INSERT ON sources_entry
    FOR EACH ROW EXECUTE FUNCTION custody_next_index();
ALTER TABLE sources_entry ENABLE ALWAYS TRIGGER sources_entry_contiguous;
"""
DROP_CONTIGUOUS = (
    "DROP TRIGGER sources_entry_contiguous ON sources_entry; DROP FUNCTION custody_next_index();"
)

# Openings hold what may have to be erased, so DELETE is possible, but only for a transaction that says that it means
# to: services.erase_openings does, in the transaction that logs the erasure. A slip of the ORM is refused.
CREATE_OPENING_GUARD = """
CREATE FUNCTION custody_guard_opening() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('custody.erasing', true) = 'on' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'openings are erased by the erasure service only, which logs it: % is refused', TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER sources_opening_no_change BEFORE UPDATE OR DELETE ON sources_opening
    FOR EACH ROW EXECUTE FUNCTION custody_guard_opening();
CREATE TRIGGER sources_opening_no_truncate BEFORE TRUNCATE ON sources_opening
    FOR EACH STATEMENT EXECUTE FUNCTION custody_guard_opening();
ALTER TABLE sources_opening ENABLE ALWAYS TRIGGER sources_opening_no_change;
ALTER TABLE sources_opening ENABLE ALWAYS TRIGGER sources_opening_no_truncate;
"""
DROP_OPENING_GUARD = """
DROP TRIGGER sources_opening_no_change ON sources_opening;
DROP TRIGGER sources_opening_no_truncate ON sources_opening;
DROP FUNCTION custody_guard_opening();
"""

FIRST_TABLES = ("sources_entry", "sources_tile", "sources_checkpoint")
ATTESTING_TABLES = ("sources_cosignature", "sources_timestamp")  # these came with migration 0005
APPEND_ONLY_TABLES = FIRST_TABLES + ATTESTING_TABLES

# For one RunSQL after the tables are made.
FORWARD = CREATE_REFUSAL + "".join(map(append_only, FIRST_TABLES)) + CREATE_CONTIGUOUS + CREATE_OPENING_GUARD
REVERSE = DROP_OPENING_GUARD + DROP_CONTIGUOUS + "".join(map(drop_append_only, FIRST_TABLES)) + DROP_REFUSAL

# What fsck expects to find enabled always.
TRIGGERS = tuple(
    [
        (table, f"{table}_{rule}")
        for table in (*APPEND_ONLY_TABLES, "sources_opening")
        for rule in ("no_change", "no_truncate")
    ]
    + [("sources_entry", "sources_entry_contiguous")]
)
