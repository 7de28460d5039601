{{ config(materialized='table', tags=['ledger']) }}

select
    Konto as account,
    trim("Kontenbezeichnung") as name,
    "Kontenart" as account_kind,
    "GuV-Posten" as income_statement_line,
    "Kontenart" in ('Ertrag', 'Aufwand') as is_profit_and_loss,
    "Zusatzfunktion" is not null as is_automatic,
    "Steuerschlüssel" as automatic_tax_key,
    -- Where tax is split off: income, expenses and fixed assets.
    "Kontenart" in ('Ertrag', 'Aufwand') or Konto like '0%' as is_taxable
from {{ source('datev', 'chart_of_accounts') }}
