-- no event is lost between the clean events, the days and the months
select *
from (
    select
        (select count(*) from {{ ref('usage_event') }}) as cleaned,
        (select sum(events) from {{ ref('usage_daily') }}) as by_day,
        (select sum(events) from {{ ref('usage_by_customer_month') }}) as by_month
) as totals
where cleaned <> by_day or cleaned <> by_month
