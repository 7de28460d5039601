-- one debtor for one customer, and all accounts came through the import
select account_id, count(*) as debtors
from {{ ref('personal_account') }}
where account_kind = 'debtor'
group by account_id
having count(*) > 1
union all
select 'imported accounts', count(*)
from {{ source('datev', 'sf_account') }}
having count(*) = 0
