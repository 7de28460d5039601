{{ config(materialized='table', tags=['telemetry', 'report']) }}

{% set features = ['dashboard.view', 'report.export', 'report.schedule', 'import.csv', 'api.call', 'user.invite', 'alert.create'] %}

select
    cast(date_trunc('month', event.usage_date) as date) as month,
    event.account_id,
    customer.name as customer_name,
    customer.country_code,
    count(*) as events,
    count(distinct event.usage_date) as active_days,
    count(distinct event.user_name) as active_users,
    {%- for feature in features %}
    cast(coalesce(sum(event.quantity) filter (where event.feature = '{{ feature }}'), 0) as bigint) as {{ feature | replace('.', '_') }}{{ ',' if not loop.last else '' }}
    {%- endfor %}
from {{ ref('usage_event') }} as event
inner join {{ ref('customer') }} as customer
    on customer.account_id = event.account_id
group by 1, 2, 3, 4
