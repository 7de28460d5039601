-- the payment of a month is what the return of the month before says
select owed.month, owed.kz83_payable, coalesce(paid.amount, 0) as paid
from {{ ref('vat_return_month') }} as owed
left join (
    select month, sum(balance) as amount
    from {{ ref('ledger_entry') }}
    where account = '3820'
    group by month
) as paid
    on paid.month = owed.month + interval '1 month'
where owed.month < (select max(month) from {{ ref('ledger_entry') }})
  and owed.kz83_payable <> coalesce(paid.amount, 0)
