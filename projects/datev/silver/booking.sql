{{ config(materialized='table', tags=['ledger']) }}

{% set batch = "regexp_extract(file_name, '([0-9]{4}_[0-9]{2})[.]csv$', 1)" %}

select
    "Beleginfo - Inhalt 1" as booking_number,
    {{ batch }} as batch,
    {{ date_from_ddmm('"Belegdatum"', 'left(' ~ batch ~ ', 4)') }} as booking_date,
    "Umsatz (ohne Soll/Haben-Kz)" as amount,
    "Soll/Haben-Kennzeichen" as side,
    {{ account_number('"Konto"') }} as account,
    {{ account_number('"Gegenkonto (ohne BU-Schlüssel)"') }} as contra_account,
    "BU-Schlüssel" as tax_key,
    "Belegfeld 1" as voucher,
    "Buchungstext" as booking_text,
    "KOST1 - Kostenstelle" as cost_centre,
    regexp_extract("Beleglink", 'BEDI "(.*)"', 1) as document_id,
    {{ date_from_ddmmyyyy('"Leistungsdatum"') }} as service_date,
    {{ date_from_ddmmyyyy('"Fälligkeit"') }} as due_date,
    "Festschreibung" = '1' as is_final
from {{ source('datev', 'booking_batches') }}
