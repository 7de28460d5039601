-- 19 % of the base, up to the cents that rounding each voucher leaves
select month, kz81_base_19, output_tax_19
from {{ ref('vat_return_month') }}
where abs(kz81_base_19 * 0.19 - output_tax_19) > 1
