-- an amendment begins on the day after the contract that it amends has ended
select later.subscription_id, later.start_date, earlier.end_date
from {{ ref('subscription') }} as later
inner join {{ ref('subscription') }} as earlier
    on earlier.subscription_id = later.amends_subscription_id
where not later.is_deleted
  and later.start_date <> earlier.end_date + 1
