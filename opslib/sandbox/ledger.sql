-- The database of the sandbox's instance "ledger": small, and kept by the rules of bookkeeping.

SET client_min_messages = warning;

CREATE SCHEMA books;
CREATE TABLE books.account (
    account_number int PRIMARY KEY,
    name text NOT NULL UNIQUE,
    opened_on date NOT NULL
);
CREATE TABLE books.entry (
    entry_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    booked_at timestamptz NOT NULL,
    debit int NOT NULL REFERENCES books.account,
    credit int NOT NULL REFERENCES books.account,
    amount numeric(14, 2) NOT NULL CHECK (amount > 0),
    CONSTRAINT two_accounts CHECK (debit <> credit)
);
CREATE INDEX entry_booked_at ON books.entry (booked_at);
CREATE VIEW books.balance AS
    SELECT account_number, sum(amount) AS balance
    FROM (
        SELECT debit AS account_number, amount FROM books.entry
        UNION ALL
        SELECT credit, -amount FROM books.entry
    ) AS both_sides
    GROUP BY account_number;
CREATE PROCEDURE books.live(moment timestamptz) LANGUAGE sql AS $$
    INSERT INTO books.entry (booked_at, debit, credit, amount)
    VALUES (moment, 1000, 2000 + extract(minute FROM moment)::int % 20, 12.50)
$$;

INSERT INTO books.account
SELECT number, 'Account ' || number, date '2024-01-01'
FROM (SELECT 1000 AS number UNION SELECT generate_series(2000, 2019)) AS numbers;
INSERT INTO books.entry (booked_at, debit, credit, amount)
SELECT timestamptz '2025-01-01 00:00+00' + i * interval '1 hour', 1000, 2000 + i % 20, 1 + i % 70
FROM generate_series(1, 4000) AS i;
ANALYZE;
