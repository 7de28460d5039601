{{ config(materialized='table', tags=['licence']) }}

select
    licence_key,
    account_id,
    edition,
    seats,
    valid_from,
    coalesce(valid_to, date '9999-12-31') as valid_to,
    edition = 'analytics' as is_addon,
    updated_at
from {{ source('product', 'licences') }}
