{{ config(materialized='view', tags=['sales']) }}

-- Open deals by the month in which they should close. A plain name makes an edge just as ref() does.
select
    cast(date_trunc('month', close_date) as date) as close_month,
    stage,
    stage_position,
    count(*) as deals,
    cast(sum(amount) as decimal(38, 2)) as amount,
    cast(sum(amount * probability / 100) as decimal(16, 2)) as weighted_amount
from silver.opportunity
where
    not is_closed
    and not is_deleted
    and probability >= {{ var('pipeline_min_probability', 10) }}
group by 1, 2, 3
