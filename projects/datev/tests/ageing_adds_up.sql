-- the buckets of a debtor are its open items
select ageing.debtor
from fin.receivables_ageing as ageing
inner join (
    select debtor, sum(open_amount) as open_amount from fin.receivables group by debtor
) as items on items.debtor = ageing.debtor
where ageing.open_amount <> items.open_amount
   or ageing.open_amount <> not_due + overdue_30 + overdue_60 + overdue_90 + overdue_more
