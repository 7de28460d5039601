{{ config(
    materialized='incremental',
    incremental_strategy='merge',
    unique_key='stage_key',
    tags=['sales']
) }}

-- The extract holds the present stage alone. This log keeps each stage in which a deal was seen, so it
-- only grows; it is no source for financial gold.
select
    Id || '/' || StageName as stage_key,
    Id as opportunity_id,
    StageName as stage,
    Amount as amount,
    Probability as probability,
    LastModifiedDate as last_modified_date
from {{ source('sfdc', 'opportunities') }}
where
    not IsDeleted
    {% if is_incremental() %}
    and LastModifiedDate >= (select coalesce(max(last_modified_date), timestamp '2010-01-01') from {{ this }})
    {% endif %}
