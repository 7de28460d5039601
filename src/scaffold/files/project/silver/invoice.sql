{{ config(materialized='table') }}

select
    id,
    customer,
    invoiced_on,
    currency,
    amount,
    paid_on
from {{ source('<{ name }>', 'invoices') }}
