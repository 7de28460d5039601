-- cleansing neither loses nor doubles an account
select *
from (
    select
        (select count(*) from {{ source('sfdc', 'accounts') }}) as loaded,
        (select count(*) from {{ ref('account') }}) as cleansed
) as totals
where loaded <> cleansed
