/* ---------------------------------------------------------------------------
   MRR-Bewegungen / MRR bridge
   opening + new + reactivation + expansion - contraction - churn = closing

   Neu (new)            erster Umsatz des Kunden überhaupt
   Reaktivierung        war schon Kunde, hatte im Vormonat keinen Umsatz
   Erweiterung / Reduzierung   auf Kundenebene, d.h. ein Add-on ist Erweiterung
   Verlust (churn)      im Vormonat Umsatz, jetzt keiner
   --------------------------------------------------------------------------- */

SET VARIABLE first_month = (SELECT min(month) FROM fin.mrr_month);
SET VARIABLE last_month  = (SELECT max(month) FROM fin.mrr_month);

-- every customer in every month since its first one, also those without revenue
CREATE OR REPLACE TEMP TABLE grid AS
WITH months AS (
    SELECT unnest(generate_series(
        getvariable('first_month')::TIMESTAMP,
        getvariable('last_month')::TIMESTAMP,
        INTERVAL 1 MONTH
    ))::DATE AS month
),
customers AS (
    SELECT account_id, min(month) AS first_month
    FROM fin.mrr_month
    GROUP BY account_id
)
SELECT
    m.month,
    k.account_id,
    k.first_month,
    coalesce(now_.mrr, 0)::DECIMAL(16, 2)   AS closing_mrr,
    coalesce(prev.mrr, 0)::DECIMAL(16, 2)   AS opening_mrr
FROM months AS m
JOIN customers AS k
  ON m.month >= k.first_month
LEFT JOIN fin.mrr_month AS now_
  ON now_.account_id = k.account_id AND now_.month = m.month
LEFT JOIN fin.mrr_month AS prev
  ON prev.account_id = k.account_id AND prev.month = (m.month - INTERVAL 1 MONTH)::DATE;

CREATE TABLE IF NOT EXISTS fin.mrr_movement (
    month               DATE,
    account_id          VARCHAR,
    movement            VARCHAR,
    opening_mrr         DECIMAL(16, 2),
    new_mrr             DECIMAL(16, 2),
    reactivation_mrr    DECIMAL(16, 2),
    expansion_mrr       DECIMAL(16, 2),
    contraction_mrr     DECIMAL(16, 2),
    churn_mrr           DECIMAL(16, 2),
    closing_mrr         DECIMAL(16, 2)
);

DELETE FROM fin.mrr_movement;

INSERT INTO fin.mrr_movement
SELECT
    month, account_id, NULL, opening_mrr, 0, 0, 0, 0, 0, closing_mrr
FROM grid
WHERE opening_mrr <> 0 OR closing_mrr <> 0;

-- Klassifizierung, eine Bewegungsart nach der anderen
UPDATE fin.mrr_movement AS b
SET movement = 'new', new_mrr = b.closing_mrr
FROM grid AS g
WHERE g.account_id = b.account_id AND g.month = b.month AND g.month = g.first_month;

UPDATE fin.mrr_movement
SET movement = 'reactivation', reactivation_mrr = closing_mrr
WHERE movement IS NULL AND opening_mrr = 0;

UPDATE fin.mrr_movement
SET movement = 'churn', churn_mrr = -opening_mrr
WHERE movement IS NULL AND closing_mrr = 0;

UPDATE fin.mrr_movement
SET movement = 'expansion', expansion_mrr = closing_mrr - opening_mrr
WHERE movement IS NULL AND closing_mrr > opening_mrr;

UPDATE fin.mrr_movement
SET movement = 'contraction', contraction_mrr = closing_mrr - opening_mrr
WHERE movement IS NULL AND closing_mrr < opening_mrr;

UPDATE fin.mrr_movement SET movement = 'unchanged' WHERE movement IS NULL;
