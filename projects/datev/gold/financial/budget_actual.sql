/* ============================================================================
   Plan-Ist-Vergleich je Konto, Kostenstelle und Monat / budget against actual

   Erträge und Aufwendungen beide positiv. variance > 0 heißt immer: besser als
   geplant (more income, or less expense).
   ============================================================================ */

SET VARIABLE stichtag = (
    SELECT least(coalesce(getvariable('business_date'), DATE '2999-12-31'), max(booking_date))
    FROM silver.ledger_entry
);

CREATE OR REPLACE TEMP TABLE ist AS
SELECT
    e.month,
    e.ledger_account                                AS account,
    coalesce(e.cost_centre, 'ohne')                 AS cost_centre,
    sum(CASE k.account_kind WHEN 'Ertrag' THEN -e.balance ELSE e.balance END)::DECIMAL(16, 2)
                                                    AS amount
FROM silver.ledger_entry AS e
JOIN silver.ledger_account AS k ON k.account = e.ledger_account
WHERE k.is_profit_and_loss
  AND e.booking_date <= getvariable('stichtag')
GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE plan AS
SELECT month, account, cost_centre, sum(amount)::DECIMAL(16, 2) AS amount
FROM silver.budget_month
WHERE month <= getvariable('stichtag')
GROUP BY ALL;

-- what was planned but not booked must show up, and the other way round
CREATE OR REPLACE TABLE fin.budget_actual AS
SELECT
    coalesce(p.month, i.month)              AS month,
    coalesce(p.account, i.account)          AS account,
    k.name                                  AS account_name,
    k.account_kind,
    coalesce(p.cost_centre, i.cost_centre)  AS cost_centre,
    s.name                                  AS cost_centre_name,
    coalesce(p.amount, 0)::DECIMAL(16, 2)   AS budget,
    coalesce(i.amount, 0)::DECIMAL(16, 2)   AS actual,
    0::DECIMAL(16, 2)                       AS variance,
    NULL::DECIMAL(9, 1)                     AS variance_percent
FROM plan AS p
FULL JOIN ist AS i
  ON i.month = p.month AND i.account = p.account AND i.cost_centre = p.cost_centre
JOIN silver.ledger_account AS k
  ON k.account = coalesce(p.account, i.account)
LEFT JOIN silver.cost_centre AS s
  ON s.cost_centre = coalesce(p.cost_centre, i.cost_centre);

UPDATE fin.budget_actual
SET variance = CASE account_kind WHEN 'Ertrag' THEN actual - budget ELSE budget - actual END;

UPDATE fin.budget_actual
SET variance_percent = round(100 * variance / budget, 1)
WHERE budget <> 0;
