{{ config(materialized='view') }}

select
    account_id,
    name,
    account_type,
    industry,
    country_code,
    employees,
    is_deleted
from {{ source('product', 'sf_account') }}
