{{ config(materialized='table', tags=['receivables']) }}

-- Vouchers that are still open at the end of the journal, for the dunning run.
{% set levels = [(42, 3), (28, 2), (14, 1)] %}

with item as (

    select
        account as debtor,
        voucher,
        min(booking_date) as invoice_date,
        max(due_date) as due_date,
        cast(sum(balance) as decimal(38, 2)) as open_amount,
        (select max(booking_date) from {{ ref('ledger_entry') }}) as as_of
    from {{ ref('ledger_entry') }}
    where ledger_account = '1200'
    group by account, voucher
    having sum(balance) > 0

)

select
    item.debtor,
    personal_account.name,
    personal_account.account_id,
    item.voucher,
    item.invoice_date,
    item.due_date,
    item.open_amount,
    item.as_of - item.due_date as days_overdue,
    case
    {%- for days, level in levels %}
        when item.as_of - item.due_date >= {{ days }} then {{ level }}
    {%- endfor %}
        else 0
    end as dunning_level
from item
inner join {{ ref('personal_account') }} as personal_account
    on personal_account.account = item.debtor
where item.due_date < item.as_of
