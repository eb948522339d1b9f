"""Injuries of rows: what row counts alone do not show, too."""

from __future__ import annotations

from opslib.actions.injuries import Injury
from opslib.actions.injury_places import OBJECT, OWN, column_place, constraint_place, relation_place

__all__ = ["ROW_INJURIES"]

CONTENT = ("content",)
HAS_ROWS = "SELECT count(*) >= {0} FROM (SELECT FROM ONLY {{schema}}.{{table}} LIMIT {0}) AS few"
TEXT_TYPES = "AND t.typname IN ('text', 'varchar')"
ONE_ROW = "ctid = (SELECT min(ctid) FROM ONLY {schema}.{table} WHERE {column} IS NOT NULL)"

ROW_INJURIES = (
    Injury(
        name="rows dropped",
        find=relation_place(),
        worth=HAS_ROWS.format(2),
        statements=(
            "DELETE FROM ONLY {schema}.{table} WHERE ctid IN "
            "(SELECT ctid FROM ONLY {schema}.{table} LIMIT 1)",
        ),
        caught_by=CONTENT,
    ),
    Injury(
        name="table truncated",
        find=relation_place(
            extra="AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.confrelid = c.oid)"
        ),
        worth=HAS_ROWS.format(1),
        statements=("TRUNCATE ONLY {schema}.{table}",),
        caught_by=CONTENT,
    ),
    Injury(
        name="row duplicated",
        find=relation_place(
            extra="AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid "
            "AND i.indisunique) AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid"
            " AND (a.attgenerated <> '' OR a.attidentity <> ''))"
        ),
        worth=HAS_ROWS.format(1),
        statements=("INSERT INTO {schema}.{table} SELECT * FROM ONLY {schema}.{table} LIMIT 1",),
        caught_by=CONTENT,
    ),
    Injury(
        name="row duplicated beside its lost key",
        find=constraint_place(
            "p",
            "AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND "
            "(a.attgenerated <> '' OR a.attidentity <> '')) AND c.relkind = 'r' AND "
            "NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisunique "
            "AND NOT i.indisprimary)",
        ),
        worth=HAS_ROWS.format(1),
        statements=(
            "ALTER TABLE {schema}.{table} DROP CONSTRAINT {name} CASCADE",
            "INSERT INTO {schema}.{table} SELECT * FROM ONLY {schema}.{table} LIMIT 1",
        ),
        caught_by=CONTENT,
    ),
    Injury(
        name="number changed, row count equal",
        find=column_place(
            "AND t.typname IN ('int2', 'int4', 'int8', 'numeric', 'float4', 'float8')"
        ),
        worth="SELECT EXISTS (SELECT FROM ONLY {schema}.{table} WHERE {column} <> 0)",
        statements=(
            "UPDATE ONLY {schema}.{table} SET {column} = 0 WHERE ctid = "
            "(SELECT min(ctid) FROM ONLY {schema}.{table} WHERE {column} <> 0)",
        ),
        caught_by=CONTENT,
    ),
    Injury(
        name="scale of a number changed",
        find=column_place("AND t.typname = 'numeric' AND a.atttypmod = -1"),
        worth="SELECT EXISTS (SELECT FROM ONLY {schema}.{table} WHERE {column} IS NOT NULL)",
        statements=(
            "UPDATE ONLY {schema}.{table} SET {column} = ({column}::text || CASE WHEN "
            "{column}::text LIKE '%.%' THEN '0' ELSE '.0' END)::numeric WHERE " + ONE_ROW,
        ),
        caught_by=CONTENT,
    ),
    Injury(
        name="values of two rows exchanged",
        find=column_place(
            "AND t.typname NOT IN ('json', 'xml', 'point', 'line', 'lseg', 'box', 'path', "
            "'polygon', 'circle')"
        ),
        worth="SELECT EXISTS (SELECT FROM ONLY {schema}.{table} "
        "WHERE {column}::text <> "
        "(SELECT min({column}::text) FROM ONLY {schema}.{table}))",
        statements=(
            "WITH v AS (SELECT ctid AS place, {column} AS value FROM ONLY {schema}.{table} "
            "WHERE {column} IS NOT NULL), low AS (SELECT * FROM v ORDER BY value::text, place "
            "LIMIT 1), high AS (SELECT * FROM v ORDER BY value::text DESC, place LIMIT 1) "
            "UPDATE ONLY {schema}.{table} AS t SET {column} = o.value FROM "
            "(SELECT low.place, high.value FROM low, high UNION ALL "
            "SELECT high.place, low.value FROM low, high) AS o WHERE t.ctid = o.place",
        ),
        caught_by=CONTENT,
    ),
    Injury(
        name="NULL where there was a value",
        find=column_place("AND NOT a.attnotnull"),
        worth="SELECT EXISTS (SELECT FROM ONLY {schema}.{table} WHERE {column} IS NOT NULL)",
        statements=("UPDATE ONLY {schema}.{table} SET {column} = NULL WHERE " + ONE_ROW,),
        caught_by=CONTENT,
    ),
    Injury(
        name="empty text where there was NULL",
        find=column_place(TEXT_TYPES),
        worth="SELECT EXISTS (SELECT FROM ONLY {schema}.{table} WHERE {column} IS NULL)",
        statements=(
            "UPDATE ONLY {schema}.{table} SET {column} = '' WHERE ctid = "
            "(SELECT min(ctid) FROM ONLY {schema}.{table} WHERE {column} IS NULL)",
        ),
        caught_by=CONTENT,
    ),
    Injury(
        name="text changed in case only",
        find=column_place("AND t.typname IN ('text', 'varchar', 'citext')"),
        worth="SELECT EXISTS (SELECT FROM ONLY {schema}.{table} "
        "WHERE {column}::text <> upper({column}::text))",
        statements=(
            "UPDATE ONLY {schema}.{table} SET {column} = upper({column}::text) WHERE ctid = "
            "(SELECT min(ctid) FROM ONLY {schema}.{table} WHERE {column}::text <> "
            "upper({column}::text))",
        ),
        caught_by=CONTENT,
    ),
    Injury(
        name="text changed in encoding only",
        find=column_place(TEXT_TYPES),
        worth="SELECT EXISTS (SELECT FROM ONLY {schema}.{table} "
        "WHERE {column}::text IS NFC "
        "NORMALIZED AND {column}::text IS NOT NFD NORMALIZED)",
        statements=(
            "UPDATE ONLY {schema}.{table} SET {column} = normalize({column}::text, NFD) WHERE ctid "
            "= (SELECT min(ctid) FROM ONLY {schema}.{table} WHERE {column}::text IS NOT NFD "
            "NORMALIZED)",
        ),
        caught_by=CONTENT,
    ),
    Injury(
        name="trailing blank added to text",
        find=column_place(f"{TEXT_TYPES} AND a.atttypmod = -1"),
        worth="SELECT EXISTS (SELECT FROM ONLY {schema}.{table} WHERE {column} IS NOT NULL)",
        statements=(
            "UPDATE ONLY {schema}.{table} SET {column} = {column} || ' ' WHERE " + ONE_ROW,
        ),
        caught_by=CONTENT,
    ),
    Injury(
        name="time shifted by an hour",
        find=column_place("AND t.typname IN ('timestamp', 'timestamptz')"),
        worth="SELECT EXISTS (SELECT FROM ONLY {schema}.{table} WHERE {column} IS NOT NULL)",
        statements=("UPDATE ONLY {schema}.{table} SET {column} = {column} + interval '1 hour'",),
        caught_by=CONTENT,
    ),
    Injury(
        name="schema only",
        find=relation_place(),
        worth=HAS_ROWS.format(1),
        statements=(
            "DO $$ BEGIN EXECUTE (SELECT 'TRUNCATE ONLY ' || string_agg(c.oid::regclass::text, "
            f"', ONLY ') || ' CASCADE' FROM {OBJECT} WHERE c.relkind = 'r' AND {OWN}); END $$",
        ),
        caught_by=CONTENT,
    ),
    Injury(
        name="stale copy: the newest rows are missing",
        find=relation_place(
            extra="AND EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary)"
        ),
        worth=HAS_ROWS.format(10),
        statements=(
            "DELETE FROM ONLY {schema}.{table} WHERE ctid IN (SELECT ctid FROM ONLY "
            "{schema}.{table} ORDER BY ctid DESC LIMIT 5)",
        ),
        caught_by=CONTENT,
    ),
    Injury(
        name="parent row lost",
        find=f"""
            SELECT n.nspname AS schema, c.relname AS table, format('FROM ONLY %s AS parent WHERE '
                || 'EXISTS (SELECT FROM ONLY %s AS child WHERE %s)', c.oid::regclass,
                child.oid::regclass, met.all) AS text
            FROM pg_constraint k JOIN {OBJECT} ON c.oid = k.confrelid
            JOIN pg_class child ON child.oid = k.conrelid
            CROSS JOIN LATERAL (
                SELECT string_agg(format('parent.%I OPERATOR(%I.%s) child.%I%s', a.attname,
                    opn.nspname, o.oprname, b.attname, ' COLLATE ' || l.oid::regcollation),
                    ' AND ') AS all
                FROM unnest(k.confkey, k.conkey, k.conpfeqop) AS u(key, own, op)
                JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = u.key
                JOIN pg_attribute b ON b.attrelid = child.oid AND b.attnum = u.own
                JOIN pg_operator o ON o.oid = u.op
                JOIN pg_namespace opn ON opn.oid = o.oprnamespace
                LEFT JOIN pg_collation l ON l.oid = a.attcollation
                    AND a.attcollation <> b.attcollation) AS met
            WHERE k.contype = 'f' AND {OWN} AND k.confrelid <> k.conrelid AND c.relkind = 'r'
                AND child.relkind = 'r'
            ORDER BY child.relpages DESC, k.conname""",
        worth="SELECT EXISTS (SELECT {text})",
        statements=(
            "DELETE FROM ONLY {schema}.{table} WHERE ctid = (SELECT parent.ctid {text} LIMIT 1)",
        ),
        caught_by=("references",),
    ),
)
