{{ config(materialized='table', tags=['ledger']) }}

-- The journal: each booking as two to four entries, gross amounts split into net and tax.
{% set entries = [
    ('account',        'account',        'side',    'own'),
    ('contra',         'contra_account', 'against', 'contra'),
] %}

with booking as (

    select
        *,
        case side when 'S' then 'H' else 'S' end as against,
        -- The side on which the taxed account stands.
        case when own_is_taxed then side when side = 'S' then 'H' else 'S' end as taxed_side,
        case when tax_mode in ('input', 'output') then tax_amount else 0 end as tax_within
    from {{ ref('booking_tax') }}

),

entry as (

    {% for part, account, side, which in entries %}
    select
        booking_number,
        '{{ part }}' as part,
        {{ account }} as account,
        {{ side }} as side,
        amount - case when {{ 'own_is_taxed' if which == 'own' else 'not own_is_taxed' }} then tax_within else 0 end as amount
    from booking

    union all
    {% endfor %}
    -- Tax within the amount goes where the taxed account goes.
    select booking_number, 'tax', coalesce(input_account, output_account), taxed_side, tax_amount
    from booking
    where tax_mode in ('input', 'output')

    union all
    -- Reverse charge: input tax and output tax at once.
    select booking_number, 'input tax', input_account, taxed_side, tax_amount
    from booking
    where tax_mode = 'reverse_charge'

    union all
    select booking_number, 'output tax', output_account, case taxed_side when 'S' then 'H' else 'S' end, tax_amount
    from booking
    where tax_mode = 'reverse_charge'

)

select
    entry.booking_number,
    entry.part,
    booking.batch,
    booking.booking_date,
    cast(date_trunc('month', booking.booking_date) as date) as month,
    entry.account,
    coalesce(personal_account.control_account, entry.account) as ledger_account,
    cast(case when entry.side = 'S' then entry.amount else 0 end as decimal(16, 2)) as debit,
    cast(case when entry.side = 'H' then entry.amount else 0 end as decimal(16, 2)) as credit,
    cast(case when entry.side = 'S' then entry.amount else -entry.amount end as decimal(16, 2)) as balance,
    case when ledger_account.is_profit_and_loss then booking.cost_centre end as cost_centre,
    booking.tax_key,
    booking.voucher,
    booking.due_date,
    booking.booking_text
from entry
inner join booking
    on booking.booking_number = entry.booking_number
left join {{ ref('personal_account') }} as personal_account
    on personal_account.account = entry.account
left join {{ ref('ledger_account') }} as ledger_account
    on ledger_account.account = entry.account
