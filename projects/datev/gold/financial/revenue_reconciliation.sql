/* ============================================================================
   Umsatzabstimmung: Abo-Erlöse laut FiBu gegen Verträge laut Vertrieb
   Revenue in the books against the contracts that were sold

   FiBu: 4400, 4336, 4338 nach Abgrenzung (3900), d.h. der Monat trägt genau das,
   was in ihm geleistet wurde. Einführungsprojekte (4405) und Gutschriften (4720)
   gehören nicht zum Abo. The difference must be zero for every closed month.
   ============================================================================ */

SET VARIABLE stichtag = (
    SELECT least(coalesce(getvariable('business_date'), DATE '2999-12-31'), max(booking_date))
    FROM silver.ledger_entry
);

-- nur abgeschlossene Monate / closed months only
CREATE OR REPLACE TEMP TABLE monate AS
SELECT DISTINCT month
FROM silver.ledger_entry
WHERE last_day(month) <= getvariable('stichtag');

CREATE OR REPLACE TEMP TABLE fibu AS
SELECT month, -sum(balance)::DECIMAL(16, 2) AS amount
FROM silver.ledger_entry
WHERE ledger_account IN ('4400', '4336', '4338')
GROUP BY month;

CREATE OR REPLACE TEMP TABLE vertrieb AS
SELECT m.month, sum(c.mrr)::DECIMAL(16, 2) AS amount, count(DISTINCT c.account_id) AS customers
FROM monate AS m
JOIN silver.contract AS c
  ON last_day(m.month) BETWEEN c.start_date AND c.end_date
GROUP BY m.month;

CREATE OR REPLACE TABLE fin.revenue_reconciliation AS
SELECT
    m.month,
    coalesce(v.customers, 0)                                    AS customers,
    coalesce(v.amount, 0)::DECIMAL(16, 2)                       AS contracted,
    coalesce(f.amount, 0)::DECIMAL(16, 2)                       AS booked,
    (coalesce(f.amount, 0) - coalesce(v.amount, 0))::DECIMAL(16, 2) AS difference
FROM monate AS m
LEFT JOIN vertrieb AS v ON v.month = m.month
LEFT JOIN fibu     AS f ON f.month = m.month;
