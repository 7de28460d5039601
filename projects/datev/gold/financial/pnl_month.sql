/* ============================================================================
   Gewinn- und Verlustrechnung je Monat (Gesamtkostenverfahren, § 275 Abs. 2 HGB)
   Income statement by month

   Vorzeichen: Erträge positiv, Aufwendungen negativ.
   Subtotals (Rohergebnis, Betriebsergebnis, ...) stand as lines of their own,
   is_subtotal = true; never sum over them.
   ============================================================================ */

-- Stichtag: Buchungsdatum des Laufs, höchstens die letzte Buchung im Journal
SET VARIABLE stichtag = (
    SELECT least(coalesce(getvariable('business_date'), DATE '2999-12-31'), max(booking_date))
    FROM silver.ledger_entry
);

-- 1) Salden der Erfolgskonten; net, the tax went to its own accounts in silver
CREATE OR REPLACE TEMP TABLE saldo AS
SELECT
    e.month,
    k.income_statement_line                 AS line,
    -sum(e.balance)::DECIMAL(16, 2)         AS amount
FROM silver.ledger_entry AS e
JOIN silver.ledger_account AS k
  ON k.account = e.ledger_account
WHERE k.is_profit_and_loss
  AND e.booking_date <= getvariable('stichtag')
GROUP BY e.month, k.income_statement_line;

-- 2) every line in every month, also where nothing was booked
CREATE OR REPLACE TEMP TABLE monate AS
SELECT DISTINCT month FROM silver.ledger_entry WHERE booking_date <= getvariable('stichtag');

CREATE TABLE IF NOT EXISTS fin.pnl_month (
    as_of           DATE,
    month           DATE,
    sort_order      INTEGER,
    line            VARCHAR,
    label           VARCHAR,
    is_subtotal     BOOLEAN,
    amount          DECIMAL(16, 2),
    year_to_date    DECIMAL(16, 2)
);

DELETE FROM fin.pnl_month;

INSERT INTO fin.pnl_month
SELECT
    getvariable('stichtag'), m.month, p.sort_order, p.line, p.label, p.is_subtotal, 0, 0
FROM monate AS m
CROSS JOIN silver.income_statement AS p;

UPDATE fin.pnl_month AS g
SET amount = s.amount
FROM saldo AS s
WHERE s.month = g.month AND s.line = g.line;

-- 3) Zwischensummen: alles, was im Schema darüber steht
WITH zwischensumme AS (
    SELECT
        z.month,
        z.line,
        sum(p.amount)::DECIMAL(16, 2) AS amount
    FROM fin.pnl_month AS z
    JOIN fin.pnl_month AS p
      ON  p.month = z.month
      AND p.sort_order < z.sort_order
      AND NOT p.is_subtotal
    WHERE z.is_subtotal
    GROUP BY z.month, z.line
)
UPDATE fin.pnl_month AS g
SET amount = z.amount
FROM zwischensumme AS z
WHERE z.month = g.month AND z.line = g.line;

-- 4) kumuliert seit Jahresbeginn
UPDATE fin.pnl_month AS g
SET year_to_date = (
    SELECT sum(v.amount)
    FROM fin.pnl_month AS v
    WHERE v.line = g.line
      AND v.month BETWEEN date_trunc('year', g.month)::DATE AND g.month
);
