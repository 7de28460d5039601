{{ config(materialized='view', tags=['licence']) }}

-- What the licence server should hold: one row for each running contract.
select
    subscription.subscription_id,
    subscription.account_id,
    account.name as account_name,
    lower(subscription.product) as edition,
    subscription.seats,
    subscription.start_date as valid_from,
    subscription.end_date as valid_to,
    subscription.auto_renew,
    subscription.last_modified_date
from {{ ref('subscription') }} as subscription
inner join {{ ref('active_account') }} as account
    on account.account_id = subscription.account_id
where
    subscription.status = 'active'
    and not subscription.is_deleted
