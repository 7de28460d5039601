/* ---------------------------------------------------------------------------
   MRR-Prognose, 12 Monate / MRR forecast for the next twelve months

   Bestand       Verträge, die am letzten Ist-Monat laufen
   - Kündigung   bekannte Enden (kein Auto-Renew) fallen weg, the month after their end date
   - Abgang      für den Rest die mittlere Churn- und Reduzierungsquote der letzten 12 Monate
   + Ausbau      ditto, expansion
   + Pipeline    offene Chancen, gewichtet, ab dem Monat nach dem Abschluss
   --------------------------------------------------------------------------- */

SET VARIABLE actual_month = (SELECT max(month) FROM fin.mrr_month);

-- Quoten: Bewegungen der letzten zwölf Monate im Verhältnis zum Anfangsbestand
CREATE OR REPLACE TEMP TABLE quote AS
SELECT
    coalesce(sum(churn_mrr + contraction_mrr) / nullif(sum(opening_mrr), 0), 0)::DECIMAL(18, 8)     AS loss_rate,
    coalesce(sum(expansion_mrr) / nullif(sum(opening_mrr), 0), 0)::DECIMAL(18, 8)                   AS growth_rate
FROM fin.mrr_movement
WHERE month >  (getvariable('actual_month') - INTERVAL 12 MONTH)::DATE
  AND month <= getvariable('actual_month');

SET VARIABLE loss_rate   = (SELECT loss_rate FROM quote);
SET VARIABLE growth_rate = (SELECT growth_rate FROM quote);

CREATE OR REPLACE TEMP TABLE horizon AS
SELECT
    n                                                                       AS step,
    (getvariable('actual_month') + to_months(n::INTEGER))::DATE             AS month
FROM range(1, 13) AS r(n);

-- Bestand je Prognosemonat nach bekannten Kündigungen
CREATE OR REPLACE TEMP TABLE base AS
SELECT
    h.step,
    h.month,
    coalesce(sum(s.mrr), 0)::DECIMAL(16, 2) AS contracted_mrr
FROM horizon AS h
LEFT JOIN silver.subscription AS s
  ON  NOT s.is_deleted
  AND s.start_date <= last_day(getvariable('actual_month'))
  AND (s.end_date IS NULL OR s.end_date >= last_day(getvariable('actual_month')) OR (s.auto_renew AND s.status = 'active'))
  AND (s.status = 'active' AND s.auto_renew OR s.end_date IS NULL OR s.end_date >= last_day(h.month))
GROUP BY h.step, h.month;

CREATE OR REPLACE TABLE fin.mrr_forecast AS
SELECT
    b.month,
    b.step,
    b.contracted_mrr,
    0::DECIMAL(16, 2)   AS expected_loss_mrr,
    0::DECIMAL(16, 2)   AS expected_growth_mrr,
    0::DECIMAL(16, 2)   AS pipeline_mrr,
    0::DECIMAL(16, 2)   AS forecast_mrr
FROM base AS b
ORDER BY b.step;

UPDATE fin.mrr_forecast
SET expected_loss_mrr   = round(contracted_mrr * step * getvariable('loss_rate'), 2),
    expected_growth_mrr = round(contracted_mrr * step * getvariable('growth_rate'), 2);

-- offene Chancen: Jahreswert / 12, gewichtet mit der Wahrscheinlichkeit laut Vertrieb
WITH pipeline AS (
    SELECT
        h.month,
        sum(o.amount * o.probability / 100 / 12)::DECIMAL(16, 2) AS mrr
    FROM horizon AS h
    JOIN silver.opportunity AS o
      ON o.close_date < h.month
    WHERE NOT o.is_closed
      AND NOT o.is_deleted
      AND o.created_date < getvariable('actual_month') + INTERVAL 1 MONTH
    GROUP BY h.month
)
UPDATE fin.mrr_forecast
SET pipeline_mrr = p.mrr
FROM pipeline AS p
WHERE p.month = fin.mrr_forecast.month;

UPDATE fin.mrr_forecast
SET forecast_mrr = contracted_mrr + expected_loss_mrr + expected_growth_mrr + pipeline_mrr;
