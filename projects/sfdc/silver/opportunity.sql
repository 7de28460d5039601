{{ config(materialized='table', tags=['sales']) }}

{% set stages = {
    'Prospecting': 1,
    'Qualification': 2,
    'Proposal/Price Quote': 3,
    'Negotiation/Review': 4,
    'Closed Won': 5,
    'Closed Lost': 6,
} %}

select
    Id as opportunity_id,
    AccountId as account_id,
    {{ clean_text('Name') }} as name,
    Type as opportunity_type,
    StageName as stage,
    case StageName
    {%- for stage, position in stages.items() %}
        when '{{ stage }}' then {{ position }}
    {%- endfor %}
    end as stage_position,
    Amount as amount,
    CurrencyIsoCode as currency,
    Probability as probability,
    CloseDate as close_date,
    IsClosed as is_closed,
    IsWon as is_won,
    CreatedDate as created_date,
    LastModifiedDate as last_modified_date,
    IsDeleted as is_deleted
from {{ source('sfdc', 'opportunities') }}
