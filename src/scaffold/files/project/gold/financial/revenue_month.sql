-- Revenue by month and currency, as invoiced. Runs as it is written, in the transaction of a publication.
<% if dialect == "tsql" %>
IF OBJECT_ID(N'fin.revenue_month') IS NULL
    CREATE TABLE fin.revenue_month (
        period   INT           NOT NULL,  -- 202602 is February 2026
        currency VARCHAR(3)    NOT NULL,
        amount   DECIMAL(18,2) NOT NULL
    );

DELETE FROM fin.revenue_month;

INSERT INTO fin.revenue_month (period, currency, amount)
SELECT YEAR(invoiced_on) * 100 + MONTH(invoiced_on), currency, CAST(SUM(amount) AS DECIMAL(18,2))
FROM silver.invoice
GROUP BY YEAR(invoiced_on) * 100 + MONTH(invoiced_on), currency;
<% else %>
CREATE TABLE IF NOT EXISTS fin.revenue_month (
    period   INTEGER       NOT NULL,  -- 202602 is February 2026
    currency VARCHAR(3)    NOT NULL,
    amount   DECIMAL(18,2) NOT NULL
);

DELETE FROM fin.revenue_month;

INSERT INTO fin.revenue_month (period, currency, amount)
SELECT
    CAST(EXTRACT(YEAR FROM invoiced_on) * 100 + EXTRACT(MONTH FROM invoiced_on) AS INTEGER),
    currency,
    CAST(SUM(amount) AS DECIMAL(18,2))
FROM silver.invoice
GROUP BY 1, 2;
<% endif %>
