{{ config(materialized='incremental', incremental_strategy='append', tags=['telemetry']) }}

-- Each event once, with the customer's full id. Trials have no Salesforce account and stay out.
with sent as (

    select
        event_id,
        occurred_at,
        cast(occurred_at as date) as usage_date,
        {{ salesforce_id18('tenant') }} as account_id,
        "user" as user_name,
        feature,
        quantity,
        client.app as client_app,
        client.version as client_version,
        row_number() over (partition by event_id order by occurred_at, file_name) as delivery
    from {{ source('product', 'usage_events') }}
    where tenant not like 'trial-%'

)

select * exclude (delivery)
from sent
where
    delivery = 1
    {% if is_incremental() %}
    and not exists (select 1 from {{ this }} as known where known.event_id = sent.event_id)
    {% endif %}
