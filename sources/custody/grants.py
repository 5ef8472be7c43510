"""A database role that cannot change the log: no UPDATE, DELETE or TRUNCATE on its tables, and not their owner.

The triggers bind everybody who speaks SQL, but a table's owner can switch them off. So the web server and the workers
connect as a role that owns nothing, and only `manage.py migrate` connects as the owner.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection, transaction
from psycopg import sql

from sources.custody.triggers import APPEND_ONLY_TABLES

OPENINGS, KEYS = "sources_opening", "sources_logkey"
# What the application needs on tables that are not simply append-only: erasure, and retiring a key.
ALLOWED = {OPENINGS: "DELETE", KEYS: "UPDATE (retired_at)"}
LOG_TABLES = (*APPEND_ONLY_TABLES, *ALLOWED)
CHANGES = ("UPDATE", "DELETE", "TRUNCATE")


def statements(role: str) -> list[str]:
    """The SQL, for the owner of the tables, that makes `role` one that runs the application. It may be run again.

    Run it after each migration: a new table is closed to the role until then. Making the role itself needs the right
    CREATEROLE; where an administrator has made it, that statement does nothing.
    """
    name, database = sql.Identifier(role), sql.Identifier(connection.settings_dict["NAME"])
    make = sql.SQL(
        "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = {}) THEN CREATE ROLE {} LOGIN; END IF; END $$"
    ).format(sql.Literal(role), name)
    rest = [
        sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, name),
        sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(name),
        sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}").format(name),
        sql.SQL("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {}").format(name),
        *(
            sql.SQL("REVOKE UPDATE, DELETE, TRUNCATE, TRIGGER, REFERENCES ON {} FROM {}").format(
                sql.Identifier(table), name
            )
            for table in LOG_TABLES
        ),
        *(
            sql.SQL("GRANT {} ON {} TO {}").format(sql.SQL(right), sql.Identifier(table), name)
            for table, right in ALLOWED.items()
        ),
    ]
    return [statement.as_string(None) for statement in (make, *rest)]


def apply(role: str) -> None:
    """Run the statements, all or none."""
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in statements(role):
            cursor.execute(statement)


def excess() -> Iterator[str]:
    """What the connected role could do to the log that the application never needs, as sentences."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolname, rolsuper FROM pg_roles WHERE rolname = current_user")
        role, superuser = cursor.fetchone()
        if superuser:
            yield f"the role {role} is a superuser, whom nothing in the database binds"
            return
        owned = []
        for table in LOG_TABLES:
            cursor.execute(
                "SELECT pg_has_role(relowner, 'MEMBER') FROM pg_class WHERE oid = %s::regclass", [table]
            )
            if cursor.fetchone()[0]:
                owned.append(table)
                continue
            for right in CHANGES:
                cursor.execute("SELECT has_table_privilege(%s, %s)", [table, right])
                if cursor.fetchone()[0] and ALLOWED.get(table) != right:
                    yield f"the role {role} has the right to {right} on {table}"
        if owned:
            yield f"the role {role} owns {', '.join(owned)}, so it could switch off the triggers that guard them"
