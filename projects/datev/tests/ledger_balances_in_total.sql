-- all accounts together come to nothing, and the opening balances cancel out
select sum(balance) as total, sum(balance) filter (where account in ('9000', '9008')) as carried_forward
from {{ ref('ledger_entry') }}
having sum(balance) <> 0
    or sum(balance) filter (where account in ('9000', '9008')) <> 0
