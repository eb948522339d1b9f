"""Injuries of what surrounds tables: indexes, sequences, triggers, views, functions, rights."""

from __future__ import annotations

from opslib.actions.injuries import Injury
from opslib.actions.injury_places import NAMED, OBJECT, OWN, relation_place

__all__ = ["OBJECT_INJURIES"]

OBJECT_INJURIES = (
    Injury(
        name="index dropped",
        find=f"""
            SELECT n.nspname AS schema, i.relname AS name
            FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
            JOIN {OBJECT} ON c.oid = x.indrelid
            WHERE {OWN} AND i.relkind = 'i' AND NOT i.relispartition AND NOT EXISTS
                (SELECT FROM pg_constraint k WHERE k.conindid = i.oid)
            ORDER BY i.relname""",
        statements=("DROP INDEX {schema}.{name}",),
        caught_by=("schema: index",),
    ),
    Injury(
        name="index left invalid",
        find=f"""
            SELECT n.nspname AS schema, i.relname AS name, i.oid::text AS text
            FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
            JOIN {OBJECT} ON c.oid = x.indrelid
            WHERE {OWN} AND i.relkind = 'i' ORDER BY i.relname""",
        statements=("UPDATE pg_index SET indisvalid = false WHERE indexrelid = {text}",),
        caught_by=("schema: index",),
        by_superuser=True,
    ),
    Injury(
        name="sequence put back",
        find=f"""
            SELECT n.nspname AS schema, c.relname AS name, (s.seqstart)::text AS text
            FROM {OBJECT} JOIN pg_sequence s ON s.seqrelid = c.oid
            WHERE {OWN} AND NOT s.seqcycle AND pg_sequence_last_value(c.oid) <> s.seqstart
            ORDER BY c.relname""",
        statements=("ALTER SEQUENCE {schema}.{name} RESTART",),
        caught_by=("sequences",),
    ),
    Injury(
        name="step of a sequence changed",
        find=f"""
            SELECT n.nspname AS schema, c.relname AS name FROM {OBJECT}
            WHERE c.relkind = 'S' AND {OWN} ORDER BY c.relname""",
        statements=("ALTER SEQUENCE {schema}.{name} INCREMENT BY 7",),
        caught_by=("schema: sequence",),
    ),
    Injury(
        name="trigger disabled",
        find=f"""
            SELECT n.nspname AS schema, c.relname AS table, g.tgname AS name
            FROM {OBJECT} JOIN pg_trigger g ON g.tgrelid = c.oid
            WHERE NOT g.tgisinternal AND g.tgparentid = 0 AND c.relkind IN ('r', 'p') AND {OWN}
            ORDER BY g.tgname""",
        statements=("ALTER TABLE {schema}.{table} DISABLE TRIGGER {name}",),
        caught_by=("schema: trigger",),
    ),
    Injury(
        name="trigger dropped",
        find=f"""
            SELECT n.nspname AS schema, c.relname AS table, g.tgname AS name
            FROM {OBJECT} JOIN pg_trigger g ON g.tgrelid = c.oid
            WHERE NOT g.tgisinternal AND g.tgparentid = 0 AND {OWN} ORDER BY g.tgname""",
        statements=("DROP TRIGGER {name} ON {schema}.{table}",),
        caught_by=("schema: trigger",),
    ),
    Injury(
        name="foreign keys no longer enforced",
        find=relation_place(
            extra="AND EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid "
            "AND k.contype = 'f')"
        ),
        statements=("ALTER TABLE {schema}.{table} DISABLE TRIGGER ALL",),
        caught_by=("schema: constraint trigger",),
        by_superuser=True,
    ),
    Injury(
        name="extension missing",
        find="""
            SELECT e.extname AS name FROM pg_extension e WHERE e.extname <> 'plpgsql'
                AND pg_has_role(e.extowner, 'USAGE')
            ORDER BY e.extname""",
        statements=("DROP EXTENSION {name} CASCADE",),
        caught_by=("schema: extension",),
    ),
    Injury(
        name="view dropped",
        find=relation_place(kinds="'v'"),
        statements=("DROP VIEW {schema}.{table} CASCADE",),
        caught_by=("schema: view",),
    ),
    Injury(
        name="materialised view left empty",
        find=relation_place(kinds="'m'", extra="AND c.relispopulated"),
        statements=("REFRESH MATERIALIZED VIEW {schema}.{table} WITH NO DATA",),
        caught_by=("schema: view",),
    ),
    Injury(
        name="function dropped",
        find=f"""
            SELECT p.oid::regprocedure::text AS text, p.proname AS name FROM pg_proc p
            JOIN pg_namespace n ON n.oid = p.pronamespace
            WHERE p.prokind = 'f' AND {NAMED} AND NOT EXISTS (SELECT FROM pg_depend x
                WHERE x.deptype = 'e' AND x.objid = p.oid) ORDER BY p.proname""",
        statements=("DROP FUNCTION {text} CASCADE",),
        caught_by=("schema: function",),
    ),
    Injury(
        name="function of another security",
        find=f"""
            SELECT p.oid::regprocedure::text AS text, p.proname AS name FROM pg_proc p
            JOIN pg_namespace n ON n.oid = p.pronamespace
            WHERE p.prokind = 'f' AND {NAMED} AND NOT p.prosecdef AND NOT EXISTS (SELECT
                FROM pg_depend x WHERE x.deptype = 'e' AND x.objid = p.oid)
            ORDER BY p.proname""",
        statements=("ALTER FUNCTION {text} SECURITY DEFINER",),
        caught_by=("schema: function",),
    ),
    Injury(
        name="label added to a type",
        find=f"""
            SELECT n.nspname AS schema, t.typname AS name FROM pg_type t
            JOIN pg_namespace n ON n.oid = t.typnamespace
            WHERE t.typtype = 'e' AND {NAMED} ORDER BY t.typname""",
        statements=("ALTER TYPE {schema}.{name} ADD VALUE 'opslib injury'",),
        caught_by=("schema: type",),
    ),
    Injury(
        name="row-level policy dropped",
        find=f"""
            SELECT n.nspname AS schema, c.relname AS table, p.polname AS name
            FROM {OBJECT} JOIN pg_policy p ON p.polrelid = c.oid WHERE {OWN}
            ORDER BY p.polname""",
        statements=("DROP POLICY {name} ON {schema}.{table}",),
        caught_by=("schema: policy",),
    ),
    Injury(
        name="row-level security switched off",
        find=relation_place(extra="AND c.relrowsecurity"),
        statements=("ALTER TABLE {schema}.{table} DISABLE ROW LEVEL SECURITY",),
        caught_by=("schema: table",),
    ),
    Injury(
        name="grant lost",
        find=f"""
            SELECT n.nspname AS schema, c.relname AS table, pg_get_userbyid(c.relowner) AS name
            FROM {OBJECT} WHERE c.relkind = 'r' AND {OWN}
            ORDER BY cardinality(coalesce(c.relacl, '{{}}')) DESC, c.relname""",
        statements=("REVOKE TRIGGER ON {schema}.{table} FROM {name}",),
        caught_by=("schema: grant on relation",),
    ),
    Injury(
        name="grant too many",
        find=relation_place(),
        statements=("GRANT UPDATE ON {schema}.{table} TO PUBLIC",),
        caught_by=("schema: grant on relation",),
    ),
    Injury(
        name="role may do more",
        find="SELECT 'x' AS text",
        statements=("CREATE ROLE opslib_injury CREATEDB",),
        caught_by=("schema: role",),
    ),
    Injury(
        name="setting of the database changed",
        find="SELECT current_database()::text AS name",
        statements=("ALTER DATABASE {name} SET timezone = 'Pacific/Chatham'",),
        caught_by=("schema: role setting",),
    ),
    Injury(
        name="comment lost",
        find=f"""
            SELECT n.nspname AS schema, c.relname AS table FROM {OBJECT}
            JOIN pg_description d ON d.objoid = c.oid AND d.objsubid = 0
                AND d.classoid = 'pg_class'::regclass
            WHERE c.relkind = 'r' AND {OWN} ORDER BY c.relname""",
        statements=("COMMENT ON TABLE {schema}.{table} IS NULL",),
        caught_by=("schema: comment",),
    ),
    Injury(
        name="sequence no longer owned",
        find=f"""
            SELECT n.nspname AS schema, c.relname AS name FROM {OBJECT}
            WHERE c.relkind = 'S' AND {OWN} AND EXISTS (SELECT FROM pg_depend o
                WHERE o.objid = c.oid AND o.deptype = 'a') ORDER BY c.relname""",
        statements=("ALTER SEQUENCE {schema}.{name} OWNED BY NONE",),
        caught_by=("schema: sequence",),
    ),
)
