-- what was sent is what was kept, plus repeated deliveries, plus trials
select *
from (
    select
        (select count(*) from {{ source('product', 'usage_events') }}) as sent,
        (select count(*) from {{ source('product', 'usage_events') }} where tenant like 'trial-%') as trials,
        (
            select count(*) - count(distinct event_id)
            from {{ source('product', 'usage_events') }}
            where tenant not like 'trial-%'
        ) as repeated,
        (select count(*) from {{ ref('usage_event') }}) as kept
) as totals
where sent - trials - repeated <> kept
