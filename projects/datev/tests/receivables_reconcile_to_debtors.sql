-- open items are the balance of each debtor's account, and together that of the control account
with ledger as (
    select account as debtor, sum(balance) as balance
    from silver.ledger_entry
    where ledger_account = '1200'
      and booking_date <= (select max(as_of) from fin.pnl_month)
    group by account
    having sum(balance) <> 0
)
select coalesce(ledger.debtor, ageing.debtor) as debtor, ledger.balance, ageing.open_amount
from ledger
full join fin.receivables_ageing as ageing on ageing.debtor = ledger.debtor
where ledger.balance is distinct from ageing.open_amount
