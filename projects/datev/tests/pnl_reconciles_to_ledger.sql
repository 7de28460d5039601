-- the result of each month is what the income and expense accounts of the ledger come to
with ledger as (
    select entry.month, -sum(entry.balance) as result
    from silver.ledger_entry as entry
    inner join silver.ledger_account as account
        on account.account = entry.ledger_account and account.is_profit_and_loss
    where entry.booking_date <= (select max(as_of) from fin.pnl_month)
    group by entry.month
)
select ledger.month, ledger.result, statement.amount
from ledger
full join (select month, amount from fin.pnl_month where line = '17') as statement
    on statement.month = ledger.month
where ledger.result is distinct from statement.amount
