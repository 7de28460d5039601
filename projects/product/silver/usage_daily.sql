{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key=['account_id', 'usage_date'],
    tags=['telemetry']
) }}

select
    account_id,
    usage_date,
    count(*) as events,
    count(distinct user_name) as users,
    cast(sum(quantity) as bigint) as quantity,
    cast(sum(quantity) filter (where feature = 'api.call') as bigint) as api_calls,
    max(occurred_at) as last_event_at
from {{ ref('usage_event') }}
{% if is_incremental() %}
-- Late events reach back a few days at most.
where usage_date >= (select coalesce(max(usage_date), date '2010-01-01') - {{ var('late_days', 7) }} from {{ this }})
{% endif %}
group by account_id, usage_date
