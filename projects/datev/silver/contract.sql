{{ config(materialized='view') }}

-- Contracts with the last day for which they are billed.
select
    subscription_id,
    account_id,
    product,
    mrr,
    start_date,
    case
        when status = 'active' and (auto_renew or end_date is null) then date '9999-12-31'
        else end_date
    end as end_date,
    last_modified_date
from {{ source('datev', 'sf_subscription') }}
where not is_deleted
