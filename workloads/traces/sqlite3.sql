-- The work that sqlite3.trace records: a small shop server's database, with orders and scanned documents.
-- Deterministic: every "random" number comes from x' = (1103515245 x + 12345) mod 2^31, carried through a recursive query.
-- The page cache holds 20 MiB (5120 pages), more than the 16 MiB that the file grows to.
PRAGMA page_size = 4096;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
PRAGMA cache_size = -20480;
PRAGMA temp_store = MEMORY;

CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT NOT NULL, city INTEGER NOT NULL, balance INTEGER NOT NULL);
CREATE TABLE purchase (id INTEGER PRIMARY KEY, customer INTEGER NOT NULL, day INTEGER NOT NULL, amount INTEGER NOT NULL, note TEXT NOT NULL);
CREATE TABLE document (id INTEGER PRIMARY KEY, purchase INTEGER NOT NULL, day INTEGER NOT NULL, scan BLOB NOT NULL);
CREATE INDEX purchase_customer ON purchase (customer, day);
CREATE INDEX document_purchase ON document (purchase);

-- Bytes that documents are cut from.
CREATE TEMP TABLE source (bytes BLOB NOT NULL);
INSERT INTO source
  WITH RECURSIVE r(n, text) AS (
    SELECT 0, '' UNION ALL SELECT n + 1, text || printf('%x', (n * 7919) % 65521) FROM r WHERE n < 250)
  SELECT CAST(text || text || text || text || text || text || text || text || text || text AS BLOB) FROM r WHERE n = 250;
UPDATE source SET bytes = CAST(bytes || bytes || bytes || bytes || bytes || bytes || bytes || bytes AS BLOB);

-- 250 customers.
INSERT INTO customer
  WITH RECURSIVE r(n, x) AS (SELECT 1, 20061 UNION ALL SELECT n + 1, (1103515245 * x + 12345) % 2147483648 FROM r WHERE n < 250)
  SELECT n, 'customer ' || x, (x / 65536) % 40, 0 FROM r;

-- Day 1: 100 orders, 135 documents of 8 to 72 KB, corrections at random keys, a look-up of busy customers.
BEGIN;
INSERT INTO purchase
  WITH RECURSIVE r(n, x) AS (SELECT 1, 1000 UNION ALL SELECT n + 1, (1103515245 * x + 12345) % 2147483648 FROM r WHERE n < 100)
  SELECT n, 1 + (x / 65536) % 250, 1, (x / 4096) % 10000, substr('paid by card, paid by cheque, paid in cash', 1 + (x / 65536) % 30, 13) FROM r;
INSERT INTO document
  WITH RECURSIVE r(n, x) AS (SELECT 1, 2000 UNION ALL SELECT n + 1, (1103515245 * x + 12345) % 2147483648 FROM r WHERE n < 135)
  SELECT n, 1 + (x / 65536) % 100, 1, substr(bytes, 1 + (x / 256) % 500, 8000 + (x / 65536) % 32000 * 2) FROM r, source;
COMMIT;
BEGIN;
UPDATE purchase SET amount = amount + 5 WHERE id IN (
  WITH RECURSIVE r(n, x) AS (SELECT 1, 3000 UNION ALL SELECT n + 1, (1103515245 * x + 12345) % 2147483648 FROM r WHERE n < 40)
  SELECT 1 + (x / 65536) % 100 FROM r);
UPDATE document SET scan = (SELECT substr(bytes, 1 + document.id % 300, length(document.scan)) FROM source) WHERE id IN (
  WITH RECURSIVE r(n, x) AS (SELECT 1, 4000 UNION ALL SELECT n + 1, (1103515245 * x + 12345) % 2147483648 FROM r WHERE n < 27)
  SELECT 1 + (x / 65536) % 135 FROM r);
COMMIT;
SELECT city, count(*), sum(amount) FROM purchase JOIN customer ON customer.id = purchase.customer
  WHERE day = 1 GROUP BY city ORDER BY 3 DESC LIMIT 5;

-- Day 2: 100 orders, 135 documents of 8 to 72 KB, corrections at random keys, a look-up of busy customers.
BEGIN;
INSERT INTO purchase
  WITH RECURSIVE r(n, x) AS (SELECT 101, 1001 UNION ALL SELECT n + 1, (1103515245 * x + 12345) % 2147483648 FROM r WHERE n < 200)
  SELECT n, 1 + (x / 65536) % 250, 2, (x / 4096) % 10000, substr('paid by card, paid by cheque, paid in cash', 1 + (x / 65536) % 30, 13) FROM r;
INSERT INTO document
  WITH RECURSIVE r(n, x) AS (SELECT 136, 2001 UNION ALL SELECT n + 1, (1103515245 * x + 12345) % 2147483648 FROM r WHERE n < 270)
  SELECT n, 1 + (x / 65536) % 200, 2, substr(bytes, 1 + (x / 256) % 500, 8000 + (x / 65536) % 32000 * 2) FROM r, source;
COMMIT;
BEGIN;
UPDATE purchase SET amount = amount + 5 WHERE id IN (
  WITH RECURSIVE r(n, x) AS (SELECT 1, 3001 UNION ALL SELECT n + 1, (1103515245 * x + 12345) % 2147483648 FROM r WHERE n < 40)
  SELECT 1 + (x / 65536) % 200 FROM r);
UPDATE document SET scan = (SELECT substr(bytes, 1 + document.id % 300, length(document.scan)) FROM source) WHERE id IN (
  WITH RECURSIVE r(n, x) AS (SELECT 1, 4001 UNION ALL SELECT n + 1, (1103515245 * x + 12345) % 2147483648 FROM r WHERE n < 27)
  SELECT 1 + (x / 65536) % 270 FROM r);
COMMIT;
SELECT city, count(*), sum(amount) FROM purchase JOIN customer ON customer.id = purchase.customer
  WHERE day = 2 GROUP BY city ORDER BY 3 DESC LIMIT 5;

-- Day 3: 100 orders, 135 documents of 8 to 72 KB, corrections at random keys, a look-up of busy customers.
BEGIN;
INSERT INTO purchase
  WITH RECURSIVE r(n, x) AS (SELECT 201, 1002 UNION ALL SELECT n + 1, (1103515245 * x + 12345) % 2147483648 FROM r WHERE n < 300)
  SELECT n, 1 + (x / 65536) % 250, 3, (x / 4096) % 10000, substr('paid by card, paid by cheque, paid in cash', 1 + (x / 65536) % 30, 13) FROM r;
INSERT INTO document
  WITH RECURSIVE r(n, x) AS (SELECT 271, 2002 UNION ALL SELECT n + 1, (1103515245 * x + 12345) % 2147483648 FROM r WHERE n < 405)
  SELECT n, 1 + (x / 65536) % 300, 3, substr(bytes, 1 + (x / 256) % 500, 8000 + (x / 65536) % 32000 * 2) FROM r, source;
COMMIT;
BEGIN;
UPDATE purchase SET amount = amount + 5 WHERE id IN (
  WITH RECURSIVE r(n, x) AS (SELECT 1, 3002 UNION ALL SELECT n + 1, (1103515245 * x + 12345) % 2147483648 FROM r WHERE n < 40)
  SELECT 1 + (x / 65536) % 300 FROM r);
UPDATE document SET scan = (SELECT substr(bytes, 1 + document.id % 300, length(document.scan)) FROM source) WHERE id IN (
  WITH RECURSIVE r(n, x) AS (SELECT 1, 4002 UNION ALL SELECT n + 1, (1103515245 * x + 12345) % 2147483648 FROM r WHERE n < 27)
  SELECT 1 + (x / 65536) % 405 FROM r);
COMMIT;
SELECT city, count(*), sum(amount) FROM purchase JOIN customer ON customer.id = purchase.customer
  WHERE day = 3 GROUP BY city ORDER BY 3 DESC LIMIT 5;

-- The month's end: balances, a report over every document, old documents go.
BEGIN;
UPDATE customer SET balance = (SELECT coalesce(sum(amount), 0) FROM purchase WHERE purchase.customer = customer.id);
COMMIT;
SELECT city, count(*), sum(length(scan)) FROM document JOIN purchase ON purchase.id = document.purchase
  JOIN customer ON customer.id = purchase.customer GROUP BY city ORDER BY city;
BEGIN;
DELETE FROM document WHERE day = 1;
COMMIT;
PRAGMA wal_checkpoint(TRUNCATE);
SELECT count(*), sum(amount) FROM purchase;
