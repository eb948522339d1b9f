-- The database of the sandbox's cluster "orders": one object of every kind that a restore must
-- bring back, and values of every type that a digest must tell apart.

SET client_min_messages = warning;

CREATE EXTENSION citext;
CREATE EXTENSION hstore;
CREATE EXTENSION btree_gist;

DO $$ BEGIN
    CREATE ROLE orders_owner NOLOGIN;
    CREATE ROLE orders_app LOGIN CONNECTION LIMIT 40;
    CREATE ROLE orders_reader NOLOGIN;
    GRANT orders_reader TO orders_app;
EXCEPTION WHEN duplicate_object THEN NULL;
END $$;

CREATE SCHEMA shop AUTHORIZATION orders_owner;
GRANT USAGE ON SCHEMA shop TO orders_reader;
ALTER DEFAULT PRIVILEGES IN SCHEMA shop GRANT SELECT ON TABLES TO orders_reader;

CREATE COLLATION shop.bytewise FROM "C";
CREATE TYPE shop.order_state AS ENUM ('open', 'paid', 'sent', 'returned');
CREATE DOMAIN shop.amount AS numeric CHECK (VALUE >= 0);
CREATE TYPE shop.address AS (street text, city text, zip varchar(12));
CREATE TYPE shop.price_range AS RANGE (subtype = numeric);

CREATE TABLE shop.customer (
    customer_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email citext NOT NULL UNIQUE,
    name text NOT NULL,
    nickname text COLLATE shop.bytewise,
    home shop.address,
    tags text[] DEFAULT '{}',
    profile jsonb,
    notes hstore,
    seen_from inet,
    created_at timestamptz NOT NULL DEFAULT now(),
    credit shop.amount DEFAULT 0,
    name_length int GENERATED ALWAYS AS (length(name)) STORED
);
COMMENT ON TABLE shop.customer IS 'Who buys.';
COMMENT ON COLUMN shop.customer.credit IS 'In the currency of the shop.';

CREATE TABLE shop.product (
    sku uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    title varchar(200) NOT NULL,
    price numeric(12, 2) NOT NULL CHECK (price > 0),
    weight_kg double precision,
    picture bytea,
    search tsvector,
    offered daterange,
    CONSTRAINT title_is_said CHECK (title <> '')
);
CREATE INDEX product_search ON shop.product USING gin (search);
CREATE INDEX product_title ON shop.product (lower(title));
CREATE STATISTICS shop.product_price_weight ON price, weight_kg FROM shop.product;

CREATE SEQUENCE shop.invoice_number START 1000 INCREMENT 1;

CREATE TABLE shop.orders (
    order_id bigserial,
    ordered_at timestamptz NOT NULL,
    customer_id bigint NOT NULL REFERENCES shop.customer DEFERRABLE INITIALLY DEFERRED,
    state shop.order_state NOT NULL DEFAULT 'open',
    total numeric NOT NULL,
    delivery interval,
    invoice bigint DEFAULT nextval('shop.invoice_number'),
    PRIMARY KEY (order_id, ordered_at)
) PARTITION BY RANGE (ordered_at);
CREATE TABLE shop.orders_2025 PARTITION OF shop.orders FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE shop.orders_2026 PARTITION OF shop.orders FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE INDEX orders_open ON shop.orders (customer_id) WHERE state = 'open';

CREATE TABLE shop.order_line (
    order_id bigint NOT NULL,
    ordered_at timestamptz NOT NULL,
    line smallint NOT NULL,
    sku uuid NOT NULL REFERENCES shop.product ON DELETE RESTRICT,
    quantity int NOT NULL,
    discount real,
    PRIMARY KEY (order_id, line),
    FOREIGN KEY (order_id, ordered_at) REFERENCES shop.orders
);
ALTER TABLE shop.order_line ADD CONSTRAINT some_quantity CHECK (quantity > 0) NOT VALID;

CREATE TABLE shop.booking (
    room int NOT NULL,
    stay tstzrange NOT NULL,
    EXCLUDE USING gist (room WITH =, stay WITH &&)
);

CREATE TABLE shop.event_log (
    happened_at timestamp NOT NULL,
    what text,
    amount money,
    mask bit(8),
    place point
);
CREATE INDEX event_log_time ON shop.event_log USING brin (happened_at);

CREATE TABLE shop.setting (name text PRIMARY KEY, value xid8);
CREATE UNLOGGED TABLE shop.session (token text PRIMARY KEY, customer_id bigint);
CREATE TABLE shop.archive (LIKE shop.event_log INCLUDING ALL);
CREATE TABLE shop.heartbeat (id int PRIMARY KEY, beaten_at timestamptz NOT NULL);

CREATE VIEW shop.open_order WITH (security_barrier) AS
    SELECT order_id, customer_id, total FROM shop.orders WHERE state = 'open';
CREATE MATERIALIZED VIEW shop.revenue AS
    SELECT date_trunc('month', ordered_at) AS month, sum(total) AS total FROM shop.orders GROUP BY 1;

CREATE FUNCTION shop.note_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO shop.event_log (happened_at, what) VALUES (localtimestamp, 'order ' || NEW.order_id);
    RETURN NEW;
END $$;
CREATE FUNCTION shop.net(gross numeric) RETURNS numeric LANGUAGE sql IMMUTABLE
    AS $$ SELECT round(gross / 1.19, 2) $$;
CREATE PROCEDURE shop.forget_sessions() LANGUAGE sql AS $$ DELETE FROM shop.session $$;
CREATE PROCEDURE shop.live(moment timestamptz) LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO shop.heartbeat SELECT max(id) + 1, moment FROM shop.heartbeat;
    INSERT INTO shop.orders (ordered_at, customer_id, total)
    SELECT timestamptz '2026-02-01 00:00+00' + id * interval '1 minute', 1 + id % 900, 9.90
    FROM shop.heartbeat WHERE beaten_at = moment;
    UPDATE shop.customer SET credit = credit + 1
    WHERE customer_id = 1 + extract(epoch FROM moment)::bigint / 60 % 900;
END $$;
CREATE AGGREGATE shop.product_of (numeric) (sfunc = numeric_mul, stype = numeric, initcond = '1');
CREATE TRIGGER order_noted AFTER UPDATE OF state ON shop.orders
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION shop.note_order();
CREATE RULE keep_archive AS ON DELETE TO shop.archive DO INSTEAD NOTHING;

ALTER TABLE shop.customer ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_customers ON shop.customer FOR SELECT TO orders_app USING (credit < 1000);

GRANT SELECT, INSERT, UPDATE ON shop.orders, shop.order_line TO orders_app;
GRANT SELECT (customer_id, name) ON shop.customer TO orders_app;
GRANT USAGE ON SEQUENCE shop.invoice_number TO orders_app;
CREATE PUBLICATION order_changes FOR TABLE shop.product;
ALTER ROLE orders_app SET statement_timeout = '30s';

INSERT INTO shop.customer (email, name, nickname, home, tags, profile, notes, seen_from, created_at, credit)
SELECT 'Customer' || i || '@example.com', (ARRAY['Zoë', 'Łukasz', 'Ana', 'Bjørn', '山田'])[1 + i % 5] || ' ' || i,
    CASE WHEN i % 7 > 0 THEN 'nick' || i END, ROW('Street ' || i, 'City', i::text)::shop.address,
    ARRAY['a' || i, NULL], jsonb_build_object('visits', i, 'rate', i / 3.0),
    hstore('k' || i, 'v'), ('10.0.' || i % 250 || '.1')::inet,
    timestamptz '2025-06-01 00:00+00' + i * interval '3 hours', i % 90 + 0.50
FROM generate_series(1, 900) AS i;

INSERT INTO shop.product (sku, title, price, weight_kg, picture, search, offered)
SELECT md5('sku' || i)::uuid, 'Café chair ' || i, i + 0.99, i / 7.0, decode(md5(i::text), 'hex'),
    to_tsvector('simple', 'chair ' || i), daterange(date '2025-01-01', date '2025-01-01' + i)
FROM generate_series(1, 300) AS i;

INSERT INTO shop.orders (ordered_at, customer_id, state, total, delivery)
SELECT timestamptz '2025-07-01 00:00+00' + i * interval '2 hours', 1 + i % 900,
    (enum_range(NULL::shop.order_state))[1 + i % 4], i * 1.10, i * interval '1 hour'
FROM generate_series(1, 2800) AS i;

INSERT INTO shop.order_line (order_id, ordered_at, line, sku, quantity, discount)
SELECT order_id, ordered_at, line, md5('sku' || 1 + (order_id * 7 + line) % 300)::uuid, line,
    CASE WHEN line = 2 THEN 0.1 END
FROM shop.orders, generate_series(1, 2) AS line;

INSERT INTO shop.booking SELECT i, tstzrange('2026-01-01', timestamptz '2026-01-01' + i * interval '1 day')
FROM generate_series(1, 60) AS i;
INSERT INTO shop.event_log
SELECT timestamp '2026-01-01' + i * interval '1 minute', 'event ' || i % 5, i::money, i::bit(8), point(i, -i)
FROM generate_series(1, 1200) AS i;
INSERT INTO shop.event_log SELECT * FROM shop.event_log WHERE what = 'event 3' LIMIT 20;
INSERT INTO shop.setting VALUES ('schema', '42'), ('Schema', '43');
INSERT INTO shop.session VALUES ('t', 1);
INSERT INTO shop.heartbeat VALUES (1, timestamptz '2026-01-01 00:00+00');
REFRESH MATERIALIZED VIEW shop.revenue;
ANALYZE;
