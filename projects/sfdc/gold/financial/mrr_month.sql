/* ---------------------------------------------------------------------------
   MRR je Kunde und Monat  /  MRR by customer and month
   Controlling, K. Böhm

   Stichtagslogik: ein Vertrag zählt im Monat, wenn er am Monatsletzten läuft.
   Amended contracts end on the last day of a month, their successor starts on
   the first of the next one, so nothing is counted twice.
   --------------------------------------------------------------------------- */

-- 1) Berichtsmonat: Monat des Buchungsdatums, höchstens der letzte Monat mit Daten
SET VARIABLE last_data_month = (
    SELECT date_trunc('month', max(last_modified_date))::DATE FROM silver.subscription
);
SET VARIABLE report_month = least(
    date_trunc('month', coalesce(getvariable('business_date'), DATE '2999-12-31'))::DATE,
    getvariable('last_data_month')
);

-- 2) calendar from the first contract on
CREATE OR REPLACE TEMP TABLE calendar AS
SELECT
    month_start::DATE                           AS month,
    last_day(month_start::DATE)                 AS month_end
FROM (
    SELECT unnest(generate_series(
        (SELECT date_trunc('month', min(start_date)) FROM silver.subscription WHERE NOT is_deleted),
        getvariable('report_month')::TIMESTAMP,
        INTERVAL 1 MONTH
    )) AS month_start
);

-- 3) laufende Verträge; a contract that renews by itself runs beyond its end date
CREATE OR REPLACE TEMP TABLE contract AS
SELECT
    subscription_id,
    account_id,
    product,
    seats,
    mrr,
    start_date,
    end_date
FROM silver.subscription
WHERE NOT is_deleted;

UPDATE contract
SET end_date = DATE '9999-12-31'
FROM silver.subscription AS s
WHERE s.subscription_id = contract.subscription_id
  AND s.status = 'active'
  AND (s.auto_renew OR s.end_date IS NULL);

-- 4) Ergebnis
CREATE OR REPLACE TABLE fin.mrr_month AS
SELECT
    cal.month,
    c.account_id,
    a.name                                          AS account_name,
    a.country_code,
    count(*)                                        AS contracts,
    sum(c.seats) FILTER (WHERE c.product <> 'Analytics')
                                                    AS seats,
    sum(c.mrr)::DECIMAL(16, 2)                      AS mrr,
    (sum(c.mrr) * 12)::DECIMAL(16, 2)               AS arr
FROM calendar AS cal
JOIN contract AS c
  ON cal.month_end BETWEEN c.start_date AND c.end_date
LEFT JOIN silver.account AS a
  ON a.account_id = c.account_id
GROUP BY cal.month, c.account_id, a.name, a.country_code;
