"""Injuries of tables, columns and constraints."""

from __future__ import annotations

from opslib.actions.injuries import Injury
from opslib.actions.injury_places import column_place, constraint_place, relation_place

__all__ = ["TABLE_INJURIES"]

TABLE_INJURIES = (
    Injury(
        name="table missing",
        find=relation_place(),
        statements=("DROP TABLE {schema}.{table} CASCADE",),
        caught_by=("schema: table",),
    ),
    Injury(
        name="column missing",
        find=column_place(""),
        statements=("ALTER TABLE {schema}.{table} DROP COLUMN {column} CASCADE",),
        caught_by=("schema: column",),
    ),
    Injury(
        name="type of a column changed",
        find=column_place(
            "AND t.typname IN ('varchar', 'int4') AND a.attidentity = '' AND "
            "NOT EXISTS (SELECT FROM pg_depend v WHERE v.refobjid = c.oid AND "
            "v.refobjsubid = a.attnum)"
        ),
        statements=("ALTER TABLE {schema}.{table} ALTER COLUMN {column} TYPE text",),
        caught_by=("schema: column",),
    ),
    Injury(
        name="NOT NULL lost",
        find=column_place("AND a.attnotnull AND a.attidentity = ''"),
        statements=("ALTER TABLE {schema}.{table} ALTER COLUMN {column} DROP NOT NULL",),
        caught_by=("schema: column",),
    ),
    Injury(
        name="default lost",
        find=column_place("AND a.atthasdef", keyless=False),
        statements=("ALTER TABLE {schema}.{table} ALTER COLUMN {column} DROP DEFAULT",),
        caught_by=("schema: column",),
    ),
    Injury(
        name="foreign key dropped",
        find=constraint_place("f"),
        statements=("ALTER TABLE {schema}.{table} DROP CONSTRAINT {name}",),
        caught_by=("schema: constraint",),
    ),
    Injury(
        name="foreign key no longer validated",
        find=constraint_place("f", "AND k.convalidated AND c.relkind = 'r'"),
        statements=(
            "ALTER TABLE {schema}.{table} DROP CONSTRAINT {name}",
            "ALTER TABLE {schema}.{table} ADD CONSTRAINT {name} {text} NOT VALID",
        ),
        caught_by=("schema: constraint",),
    ),
    Injury(
        name="check constraint dropped",
        find=constraint_place("c"),
        statements=("ALTER TABLE {schema}.{table} DROP CONSTRAINT {name}",),
        caught_by=("schema: constraint",),
    ),
    Injury(
        name="primary key dropped",
        find=constraint_place("p"),
        statements=("ALTER TABLE {schema}.{table} DROP CONSTRAINT {name} CASCADE",),
        caught_by=("schema: constraint",),
    ),
    Injury(
        name="unique constraint dropped",
        find=constraint_place("u"),
        statements=("ALTER TABLE {schema}.{table} DROP CONSTRAINT {name} CASCADE",),
        caught_by=("schema: constraint",),
    ),
)
