-- one customer for each imported account
select *
from (
    select
        (select count(*) from {{ source('product', 'sf_account') }}) as imported,
        (select count(*) from {{ ref('customer') }}) as customers
) as totals
where imported <> customers or imported = 0
