{{ config(materialized='table', tags=['licence', 'report']) }}

-- Seats that are licensed against people seen, month by month, as customer success reads it.
with usage as (

    select
        usage.month,
        usage.account_id,
        usage.customer_name,
        usage.active_users,
        cast(coalesce(sum(licence.seats), 0) as bigint) as licensed_seats
    from {{ ref('usage_by_customer_month') }} as usage
    left join {{ ref('licence') }} as licence
        on licence.account_id = usage.account_id
        and not licence.is_addon
        and last_day(usage.month) between licence.valid_from and licence.valid_to
    group by all

)

select
    *,
    cast(100.0 * active_users / nullif(licensed_seats, 0) as decimal(9, 1)) as utilisation_percent,
    active_users > licensed_seats as is_overused
from usage
