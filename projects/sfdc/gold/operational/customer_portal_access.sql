{{ config(
    materialized='table',
    tags=['portal'],
    post_hook="comment on table {{ this }} is 'Read by the customer portal each hour'"
) }}

{% set host = 'portal' if target.name == 'prod' else 'portal-' ~ target.name %}
{% set portal = env_var('ACME_PORTAL_URL', 'https://' ~ host ~ '.acme.example') %}

-- Who may log in: the preferred record of each portal user at an account with a running contract.
with running as (

    select
        account_id,
        sum(seats) filter (where product <> 'Analytics') as seats,
        bool_or(product = 'Analytics') as has_analytics
    from {{ ref('subscription') }}
    where status = 'active' and not is_deleted
    group by account_id

)

select
    contact.contact_id,
    contact.email as login,
    contact.first_name,
    contact.last_name,
    account.account_id,
    account.name as account_name,
    account.country_code,
    running.seats,
    running.has_analytics,
    '{{ portal }}/c/' || account.account_id as start_url
from {{ ref('contact') }} as contact
inner join {{ ref('active_account') }} as account
    on account.account_id = contact.account_id
inner join running
    on running.account_id = contact.account_id
where
    contact.wants_portal
    and contact.is_preferred
