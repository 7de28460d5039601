/* ============================================================================
   Offene Posten Debitoren mit Altersstruktur / open items with ageing

   Ausgleich über Belegfeld 1: Rechnung, Gutschrift, Zahlung und Ausbuchung
   tragen dieselbe Nummer. Ageing counts from the due date.
   ============================================================================ */

SET VARIABLE stichtag = (
    SELECT least(coalesce(getvariable('business_date'), DATE '2999-12-31'), max(booking_date))
    FROM silver.ledger_entry
);

CREATE OR REPLACE TEMP TABLE posten AS
SELECT
    e.account                               AS debtor,
    e.voucher,
    min(e.booking_date)                     AS invoice_date,
    max(e.due_date)                         AS due_date,
    sum(e.debit)::DECIMAL(16, 2)            AS invoiced,
    sum(e.credit)::DECIMAL(16, 2)           AS settled
FROM silver.ledger_entry AS e
WHERE e.ledger_account = '1200'
  AND e.booking_date <= getvariable('stichtag')
GROUP BY e.account, e.voucher;

-- ausgeglichene Posten interessieren niemanden mehr
DELETE FROM posten WHERE invoiced = settled;

CREATE OR REPLACE TABLE fin.receivables AS
SELECT
    getvariable('stichtag')                 AS as_of,
    o.debtor,
    p.name                                  AS debtor_name,
    p.account_id,
    p.country_code,
    o.voucher,
    o.invoice_date,
    o.due_date,
    o.invoiced,
    o.settled,
    (o.invoiced - o.settled)::DECIMAL(16, 2)            AS open_amount,
    greatest(getvariable('stichtag') - o.due_date, 0)   AS days_overdue,
    NULL::VARCHAR                           AS bucket
FROM posten AS o
JOIN silver.personal_account AS p
  ON p.account = o.debtor;

UPDATE fin.receivables
SET bucket = CASE
    WHEN days_overdue =   0 THEN '0: nicht fällig'
    WHEN days_overdue <= 30 THEN '1: 1-30 Tage'
    WHEN days_overdue <= 60 THEN '2: 31-60 Tage'
    WHEN days_overdue <= 90 THEN '3: 61-90 Tage'
    ELSE                         '4: über 90 Tage'
END;

-- Altersstruktur je Debitor, one row each; a general allowance on what is long overdue
CREATE OR REPLACE TABLE fin.receivables_ageing AS
SELECT
    as_of,
    debtor,
    debtor_name,
    count(*)                                                                AS items,
    sum(open_amount)::DECIMAL(16, 2)                                        AS open_amount,
    coalesce(sum(open_amount) FILTER (WHERE bucket LIKE '0%'), 0)::DECIMAL(16, 2)   AS not_due,
    coalesce(sum(open_amount) FILTER (WHERE bucket LIKE '1%'), 0)::DECIMAL(16, 2)   AS overdue_30,
    coalesce(sum(open_amount) FILTER (WHERE bucket LIKE '2%'), 0)::DECIMAL(16, 2)   AS overdue_60,
    coalesce(sum(open_amount) FILTER (WHERE bucket LIKE '3%'), 0)::DECIMAL(16, 2)   AS overdue_90,
    coalesce(sum(open_amount) FILTER (WHERE bucket LIKE '4%'), 0)::DECIMAL(16, 2)   AS overdue_more,
    0::DECIMAL(16, 2)                                                       AS allowance
FROM fin.receivables
GROUP BY as_of, debtor, debtor_name;

UPDATE fin.receivables_ageing
SET allowance = round(overdue_90 * 0.25 + overdue_more * 0.50, 2);
