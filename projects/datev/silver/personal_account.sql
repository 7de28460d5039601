{{ config(materialized='table') }}

select
    personal.Konto as account,
    case when personal.Konto < '70000' then 'debtor' else 'creditor' end as account_kind,
    case when personal.Konto < '70000' then '1200' else '3300' end as control_account,
    trim(personal."Name (Adressattyp Unternehmen)") as name,
    personal."Land" as country_code,
    personal."EU-UStID" as vat_id,
    personal."Fälligkeit in Tagen" as payment_days,
    personal."Nummer Fremdsystem" as account_id,
    customer.account_type as salesforce_type
from {{ source('datev', 'personal_accounts') }} as personal
left join {{ source('datev', 'sf_account') }} as customer
    on customer.account_id = personal."Nummer Fremdsystem"
