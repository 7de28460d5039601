-- double entry: each booking balances
select booking_number, sum(debit) as debit, sum(credit) as credit
from {{ ref('ledger_entry') }}
group by booking_number
having sum(debit) <> sum(credit)
