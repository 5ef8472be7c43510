"""A trigger that refuses circles among the rows of one table, for whoever writes and however many at once."""

from __future__ import annotations

import pgtrigger


def no_circle(*, name: str, table: str, column: str, sentence: str) -> pgtrigger.Trigger:
    """Refuse a row from which `column` (a foreign key to its own `table`) leads back to it; `sentence` says why.

    Two people who each close half of a circle would not see each other's half, so changes of the column wait for each
    other (an advisory lock until the transaction ends). A new row needs no lock: nothing committed refers to it yet.
    That a row is not its own is a check constraint of the table.
    """
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.UpdateOf(column),
        condition=pgtrigger.Condition(f"NEW.{column} <> NEW.id"),
        func=f"""
            IF TG_OP = 'UPDATE' THEN
                PERFORM pg_advisory_xact_lock(hashtext('{table}.{column}'));
            ELSIF NOT EXISTS (SELECT FROM {table} row WHERE row.{column} = NEW.id) THEN
                RETURN NEW; -- nothing leads to a new row yet: no walk up a long chain for each link of it
            END IF;
            IF EXISTS (
                WITH RECURSIVE above(id) AS (
                    SELECT NEW.{column}
                    UNION
                    SELECT row.{column} FROM {table} row JOIN above ON row.id = above.id
                    WHERE row.{column} IS NOT NULL
                ) SELECT FROM above WHERE above.id = NEW.id
            ) THEN
                RAISE EXCEPTION '{sentence}' USING ERRCODE = 'restrict_violation', CONSTRAINT = '{name}';
            END IF;
            RETURN NEW;
        """,
    )
