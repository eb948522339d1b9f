"""What a PostgreSQL schema is made of, as one query for every kind of object.

Every query returns schema, name and definition, and all that makes two objects of a kind alike
is in the definition. Objects that belong to an extension are told by the extension, those of the
system by the server's version.

Source: PostgreSQL documentation, "System Catalogs" and "System Information Functions".
"""

from __future__ import annotations

__all__ = ["SCHEMA_QUERIES"]

OWN_SCHEMA = (
    "n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'"
)


def _own(catalog: str, oid: str) -> str:
    """Return the condition that an object is neither the system's nor an extension's."""
    return (
        f"{OWN_SCHEMA} AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.deptype = 'e' "
        f"AND d.classid = '{catalog}'::regclass AND d.objid = {oid})"
    )


def _acl(kind: str, name: str, source: str, acl: str, owner: str, letter: str) -> str:
    """Return a query of what every grantee may do with the objects of ``source``."""
    return f"""
        SELECT n.nspname, '{kind} ' || {name} || ' to ' || coalesce(g.rolname, 'public'),
            string_agg(a.privilege_type || CASE WHEN a.is_grantable THEN '*' ELSE '' END, ', '
                ORDER BY a.privilege_type, a.is_grantable)
        FROM {source}
        CROSS JOIN LATERAL aclexplode(coalesce({acl}, acldefault('{letter}', {owner}))) a
        LEFT JOIN pg_roles g ON g.oid = a.grantee"""


RELATION = "pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"

SCHEMA_QUERIES: dict[str, str] = {
    "database": """
        SELECT '', 'database', format('encoding %s, collate %s, ctype %s, provider %s, locale %s, '
            || 'collation version %s, actual %s', pg_encoding_to_char(encoding), datcollate,
            datctype, datlocprovider, to_jsonb(d)->>'datlocale', datcollversion,
            pg_database_collation_actual_version(oid))
        FROM pg_database d WHERE datname = current_database()""",
    "setting": """
        SELECT '', name, CASE name WHEN 'server_version' THEN split_part(reset_val, '.', 1)
            ELSE reset_val END
        FROM pg_settings WHERE name IN ('server_version', 'TimeZone', 'DateStyle', 'IntervalStyle',
            'default_text_search_config', 'standard_conforming_strings', 'backslash_quote',
            'array_nulls', 'transform_null_equals', 'lc_monetary', 'lc_numeric',
            'lc_time', 'default_transaction_isolation', 'default_transaction_read_only',
            'default_transaction_deferrable', 'session_replication_role', 'xmlbinary', 'xmloption',
            'bytea_output', 'extra_float_digits', 'server_encoding', 'integer_datetimes',
            'block_size', 'data_checksums', 'quote_all_identifiers', 'timezone_abbreviations',
            'search_path', 'row_security')""",
    "role setting": """
        SELECT '', coalesce(r.rolname, 'every role') || ' in '
            || CASE WHEN s.setdatabase = 0 THEN 'every database' ELSE 'this database' END,
            array_to_string(ARRAY(SELECT unnest(s.setconfig) ORDER BY 1), '; ')
        FROM pg_db_role_setting s LEFT JOIN pg_roles r ON r.oid = s.setrole
        WHERE s.setdatabase IN (0,
            (SELECT oid FROM pg_database WHERE datname = current_database()))""",
    "schema": f"""
        SELECT n.nspname, n.nspname, 'owner ' || pg_get_userbyid(n.nspowner)
        FROM pg_namespace n WHERE {_own("pg_namespace", "n.oid")}""",
    "extension": """
        SELECT n.nspname, e.extname, 'version ' || e.extversion
        FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace""",
    "role": """
        SELECT '', rolname, concat_ws(', ', CASE WHEN rolsuper THEN 'superuser' END,
            CASE WHEN rolinherit THEN 'inherit' END, CASE WHEN rolcreaterole THEN 'createrole' END,
            CASE WHEN rolcreatedb THEN 'createdb' END, CASE WHEN rolcanlogin THEN 'login' END,
            CASE WHEN rolreplication THEN 'replication' END,
            CASE WHEN rolbypassrls THEN 'bypassrls' END,
            'connections ' || rolconnlimit, 'valid until ' || rolvaliduntil)
        FROM pg_roles WHERE rolname !~ '^pg_'""",
    "membership": """
        SELECT '', m.rolname || ' in ' || r.rolname, string_agg(to_jsonb(a)::jsonb
            - 'oid' - 'roleid' - 'member' - 'grantor' #>> '{}', '; ' ORDER BY a.grantor)
        FROM pg_auth_members a JOIN pg_roles r ON r.oid = a.roleid
        JOIN pg_roles m ON m.oid = a.member WHERE m.rolname !~ '^pg_' GROUP BY 1, 2""",
    "table": f"""
        SELECT n.nspname, c.relname, format('kind %s, persistence %s, owner %s, row security %s, '
            || 'forced %s, replica identity %s, partition key %s, partition of %s %s, options %s',
            c.relkind, c.relpersistence, pg_get_userbyid(c.relowner), c.relrowsecurity,
            c.relforcerowsecurity, c.relreplident, pg_get_partkeydef(c.oid),
            (SELECT string_agg(i.inhparent::regclass::text, ', ' ORDER BY i.inhseqno)
                FROM pg_inherits i WHERE i.inhrelid = c.oid),
            pg_get_expr(c.relpartbound, c.oid), array_to_string(c.reloptions, ', '))
        FROM {RELATION} WHERE c.relkind IN ('r', 'p', 'f') AND {_own("pg_class", "c.oid")}""",
    "column": f"""
        SELECT n.nspname, c.relname || '.' || a.attname, format('%s, not null %s, default %s, '
            || 'generated %s, identity %s, collation %s', format_type(a.atttypid, a.atttypmod),
            a.attnotnull, pg_get_expr(v.adbin, v.adrelid), a.attgenerated, a.attidentity,
            (SELECT l.collname FROM pg_collation l WHERE l.oid = a.attcollation))
        FROM {RELATION} JOIN pg_attribute a ON a.attrelid = c.oid
        LEFT JOIN pg_attrdef v ON v.adrelid = c.oid AND v.adnum = a.attnum
        WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm', 'c') AND a.attnum > 0 AND NOT a.attisdropped
            AND {_own("pg_class", "c.oid")}""",
    "column order": f"""
        SELECT n.nspname, c.relname, string_agg(a.attname, ', ' ORDER BY a.attnum)
        FROM {RELATION} JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relkind IN ('r', 'p', 'f') AND a.attnum > 0 AND NOT a.attisdropped
            AND {_own("pg_class", "c.oid")} GROUP BY 1, 2""",
    "constraint": f"""
        SELECT n.nspname, coalesce(c.relname, t.typname) || '.' || k.conname,
            pg_get_constraintdef(k.oid) || ', validated ' || k.convalidated
            || ', enforced ' || coalesce(to_jsonb(k)->>'conenforced', 'true')
        FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace
        LEFT JOIN pg_class c ON c.oid = k.conrelid LEFT JOIN pg_type t ON t.oid = k.contypid
        WHERE {_own("pg_constraint", "k.oid")}
            AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.deptype = 'e' AND d.objid = c.oid)""",
    "index": f"""
        SELECT n.nspname, c.relname, pg_get_indexdef(c.oid) || ', valid ' || i.indisvalid
            || ', ready ' || i.indisready || ', clustered ' || i.indisclustered
            || ', replica identity ' || i.indisreplident
        FROM {RELATION} JOIN pg_index i ON i.indexrelid = c.oid
        WHERE {_own("pg_class", "i.indrelid")}""",
    "sequence": f"""
        SELECT n.nspname, c.relname, format('%s from %s by %s between %s and %s, cache %s, cycle '
            || '%s, owner %s, owned by %s', format_type(s.seqtypid, NULL), s.seqstart,
            s.seqincrement, s.seqmin, s.seqmax, s.seqcache, s.seqcycle,
            pg_get_userbyid(c.relowner),
            (SELECT o.refobjid::regclass || '.' || a.attname FROM pg_depend o
                JOIN pg_attribute a ON a.attrelid = o.refobjid AND a.attnum = o.refobjsubid
                WHERE o.objid = c.oid AND o.classid = 'pg_class'::regclass
                    AND o.deptype IN ('a', 'i')))
        FROM {RELATION} JOIN pg_sequence s ON s.seqrelid = c.oid
        WHERE {_own("pg_class", "c.oid")}""",
    "view": f"""
        SELECT n.nspname, c.relname, pg_get_viewdef(c.oid) || ' owner '
            || pg_get_userbyid(c.relowner) || ', populated ' || c.relispopulated || ', options '
            || coalesce(array_to_string(c.reloptions, ', '), '')
        FROM {RELATION} WHERE c.relkind IN ('v', 'm') AND {_own("pg_class", "c.oid")}""",
    "function": f"""
        SELECT n.nspname, p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')',
            CASE WHEN p.prokind = 'a' THEN 'aggregate of ' || (SELECT a.aggtransfn || ', '
                || a.aggfinalfn || ', ' || coalesce(a.agginitval, '') FROM pg_aggregate a
                WHERE a.aggfnoid = p.oid)
            ELSE pg_get_functiondef(p.oid) END || ' owner ' || pg_get_userbyid(p.proowner)
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE {_own("pg_proc", "p.oid")}""",
    "trigger": f"""
        SELECT n.nspname, c.relname || '.' || t.tgname, pg_get_triggerdef(t.oid) || ', enabled '
            || t.tgenabled::text
        FROM {RELATION} JOIN pg_trigger t ON t.tgrelid = c.oid
        WHERE NOT t.tgisinternal AND {_own("pg_class", "c.oid")}""",
    "constraint trigger": f"""
        SELECT n.nspname, c.relname || '.' || k.conname || ' ' || p.proname,
            'enabled ' || string_agg(t.tgenabled::text, '' ORDER BY t.tgname)
        FROM {RELATION} JOIN pg_trigger t ON t.tgrelid = c.oid
        JOIN pg_constraint k ON k.oid = t.tgconstraint JOIN pg_proc p ON p.oid = t.tgfoid
        WHERE t.tgisinternal AND {_own("pg_class", "c.oid")} GROUP BY 1, 2""",
    "event trigger": """
        SELECT '', evtname, format('on %s by %s, tags %s, enabled %s', evtevent,
            evtfoid::regproc, evttags, evtenabled) FROM pg_event_trigger e
        WHERE NOT EXISTS (SELECT FROM pg_depend d WHERE d.deptype = 'e' AND d.objid = e.oid)""",
    "rule": f"""
        SELECT n.nspname, c.relname || '.' || r.rulename, pg_get_ruledef(r.oid) || ', enabled '
            || r.ev_enabled::text
        FROM {RELATION} JOIN pg_rewrite r ON r.ev_class = c.oid
        WHERE r.rulename <> '_RETURN' AND {_own("pg_class", "c.oid")}""",
    "policy": f"""
        SELECT n.nspname, c.relname || '.' || p.polname, format('%s, permissive %s, to %s, using '
            || '%s, check %s', p.polcmd, p.polpermissive, ARRAY(SELECT CASE o WHEN 0 THEN 'public'
                ELSE pg_get_userbyid(o) END FROM unnest(p.polroles) o ORDER BY 1),
            pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
        FROM {RELATION} JOIN pg_policy p ON p.polrelid = c.oid
        WHERE {_own("pg_class", "c.oid")}""",
    "type": f"""
        SELECT n.nspname, t.typname, format('%s, owner %s, labels %s, base %s, not null %s, '
            || 'default %s, range of %s', t.typtype, pg_get_userbyid(t.typowner),
            (SELECT string_agg(e.enumlabel, ', ' ORDER BY e.enumsortorder) FROM pg_enum e
                WHERE e.enumtypid = t.oid), format_type(nullif(t.typbasetype, 0), t.typtypmod),
            t.typnotnull, t.typdefault,
            (SELECT format_type(r.rngsubtype, NULL) FROM pg_range r WHERE r.rngtypid = t.oid))
        FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
        WHERE t.typtype IN ('e', 'd', 'r') AND {_own("pg_type", "t.oid")}""",
    "collation": f"""
        SELECT n.nspname, l.collname, format('provider %s, deterministic %s, %s %s, version %s',
            l.collprovider, l.collisdeterministic, l.collcollate, l.collctype, l.collversion)
        FROM pg_collation l JOIN pg_namespace n ON n.oid = l.collnamespace
        WHERE {_own("pg_collation", "l.oid")}""",
    "statistics": f"""
        SELECT n.nspname, s.stxname, pg_get_statisticsobjdef(s.oid)
        FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace
        WHERE {_own("pg_statistic_ext", "s.oid")}""",
    "publication": """
        SELECT '', p.pubname, format('all tables %s, insert %s, update %s, delete %s, truncate %s, '
            || 'tables %s', puballtables, pubinsert, pubupdate, pubdelete, pubtruncate,
            ARRAY(SELECT r.prrelid::regclass::text FROM pg_publication_rel r
                WHERE r.prpubid = p.oid ORDER BY 1))
        FROM pg_publication p""",
    "foreign server": """
        SELECT '', s.srvname, format('wrapper %s, type %s, version %s', w.fdwname, s.srvtype,
            s.srvversion)
        FROM pg_foreign_server s JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw""",
    "comment": f"""
        SELECT coalesce(n.nspname, ''), c.relname || '.' || coalesce(a.attname, 'table'),
            d.description
        FROM pg_description d JOIN pg_class c ON c.oid = d.objoid
            AND d.classoid = 'pg_class'::regclass JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.objsubid AND a.attnum > 0
        WHERE {_own("pg_class", "c.oid")}""",
    "grant on relation": _acl(
        "relation",
        "c.relname",
        RELATION,
        "c.relacl",
        "c.relowner",
        "r",
    ).replace(
        "'r', c.relowner", "CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::\"char\", c.relowner"
    )
    + f" WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND {_own('pg_class', 'c.oid')}"
    " GROUP BY 1, 2",
    "grant on column": f"""
        SELECT n.nspname, c.relname || '.' || t.attname || ' to ' || coalesce(g.rolname, 'public'),
            string_agg(a.privilege_type, ', ' ORDER BY a.privilege_type)
        FROM {RELATION} JOIN pg_attribute t ON t.attrelid = c.oid
        CROSS JOIN LATERAL aclexplode(t.attacl) a LEFT JOIN pg_roles g ON g.oid = a.grantee
        WHERE NOT t.attisdropped AND {_own("pg_class", "c.oid")} GROUP BY 1, 2""",
    "grant on schema": _acl("schema", "n.nspname", "pg_namespace n", "n.nspacl", "n.nspowner", "n")
    + f" WHERE {_own('pg_namespace', 'n.oid')} GROUP BY 1, 2",
    "grant on function": _acl(
        "function",
        "p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')'",
        "pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace",
        "p.proacl",
        "p.proowner",
        "f",
    )
    + f" WHERE {_own('pg_proc', 'p.oid')} GROUP BY 1, 2",
    "grant on database": """
        SELECT '', 'database to ' || coalesce(g.rolname, 'public'),
            string_agg(a.privilege_type, ', ' ORDER BY a.privilege_type)
        FROM pg_database b
        CROSS JOIN LATERAL aclexplode(coalesce(b.datacl, acldefault('d', b.datdba))) a
        LEFT JOIN pg_roles g ON g.oid = a.grantee
        WHERE b.datname = current_database() GROUP BY 1, 2""",
    "default grant": """
        SELECT coalesce(n.nspname, ''), format('%s by %s to %s', d.defaclobjtype,
            pg_get_userbyid(d.defaclrole), coalesce(g.rolname, 'public')),
            string_agg(a.privilege_type, ', ' ORDER BY a.privilege_type)
        FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace
        CROSS JOIN LATERAL aclexplode(d.defaclacl) a LEFT JOIN pg_roles g ON g.oid = a.grantee
        GROUP BY 1, 2""",
}
"""Kind of object to the query that lists it: schema, name, definition."""
