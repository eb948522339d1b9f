"""The schema that a heartbeat is kept in, and the statements that make and fill it."""

from __future__ import annotations

__all__ = ["BEAT", "FORGET", "HEARTBEAT_ROLE", "HEARTBEAT_SQL", "KEEP_DAYS"]

HEARTBEAT_ROLE = "opslib_heartbeat"
KEEP_DAYS = 40
"""Longer than backups are kept: a beat that a restore brings back can then still be found at the
source, and the comparison of contents explains it."""

HEARTBEAT_SQL = f"""\
-- Run once in the source database, as a role that may create roles and schemas.
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{HEARTBEAT_ROLE}') THEN
        CREATE ROLE {HEARTBEAT_ROLE} LOGIN NOINHERIT CONNECTION LIMIT 5;
    END IF;
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO {HEARTBEAT_ROLE}', current_database());
END $$;
CREATE SCHEMA opslib_heartbeat;
CREATE TABLE opslib_heartbeat.beat (
    beat_number bigint PRIMARY KEY CHECK (beat_number > 0),
    beat_at timestamptz NOT NULL
);
CREATE INDEX beat_at ON opslib_heartbeat.beat (beat_at);
COMMENT ON TABLE opslib_heartbeat.beat IS
    'Written by opslib heartbeat beat, so that a restored copy tells how fresh it is.';
GRANT USAGE ON SCHEMA opslib_heartbeat TO {HEARTBEAT_ROLE};
GRANT SELECT, INSERT, DELETE ON opslib_heartbeat.beat TO {HEARTBEAT_ROLE};
"""
"""The role can do nothing but beat; it gets its password where secrets are kept, not here."""

BEAT = """
    INSERT INTO opslib_heartbeat.beat (beat_number, beat_at)
    SELECT coalesce(max(beat_number), 0) + 1, clock_timestamp() FROM opslib_heartbeat.beat
    ON CONFLICT DO NOTHING RETURNING beat_number, beat_at"""
"""No row where another writer beats at the same moment: its beat is as good."""

FORGET = "DELETE FROM opslib_heartbeat.beat WHERE beat_at < now() - make_interval(days => %s)"
