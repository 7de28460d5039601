{{ config(materialized='ephemeral') }}

-- Which key applies to a booking: the one that was typed, else that of an automatic account; 40 switches it off.
select
    booking.*,
    coalesce(own.is_taxable, false) as own_is_taxed,
    tax_key.mode as tax_mode,
    tax_key.input_account,
    tax_key.output_account,
    cast(case tax_key.mode
        when 'reverse_charge' then round(booking.amount * tax_key.rate_percent * 0.01, 2)
        else round(booking.amount * tax_key.rate_percent / (100 + tax_key.rate_percent), 2)
    end as decimal(15, 2)) as tax_amount
from {{ ref('booking') }} as booking
left join {{ ref('ledger_account') }} as own
    on own.account = booking.account
left join {{ ref('ledger_account') }} as contra
    on contra.account = booking.contra_account
left join {{ ref('tax_key') }} as tax_key
    on tax_key.tax_key = coalesce(booking.tax_key, own.automatic_tax_key, contra.automatic_tax_key)
    and tax_key.mode <> 'none'
