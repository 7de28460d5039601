{{ config(materialized='view', tags=['tax']) }}

-- Figures of the monthly VAT return (Umsatzsteuer-Voranmeldung); the Kennzahlen are those of the form.
-- Deferrals (key 40) move income between months, not tax: they stay out.
select
    month,
    cast(-sum(balance) filter (
        where account in ('4400', '4405', '4720', '6936') and tax_key is distinct from '40'
    ) as decimal(38, 2)) as kz81_base_19,
    cast(-sum(balance) filter (where account = '4336' and tax_key is distinct from '40') as decimal(38, 2)) as kz21_services_eu,
    cast(-sum(balance) filter (where account = '4338' and tax_key is distinct from '40') as decimal(38, 2)) as kz45_not_taxable,
    cast(-sum(balance) filter (where account = '3806') as decimal(38, 2)) as output_tax_19,
    cast(-sum(balance) filter (where account = '3837') as decimal(38, 2)) as output_tax_reverse_charge,
    cast(sum(balance) filter (where account in ('1401', '1406')) as decimal(38, 2)) as kz66_input_tax,
    cast(sum(balance) filter (where account = '1407') as decimal(38, 2)) as kz67_input_tax_reverse_charge,
    cast(-sum(balance) filter (where account in ('3801', '3806', '3837', '1401', '1406', '1407')) as decimal(38, 2)) as kz83_payable
from {{ ref('ledger_entry') }}
group by month
