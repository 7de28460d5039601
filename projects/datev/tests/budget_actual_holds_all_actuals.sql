-- nothing that was booked or planned is missing from the comparison
select *
from (
    select
        (select sum(case account_kind when 'Ertrag' then actual else -actual end) from fin.budget_actual) as compared,
        (select sum(amount) from fin.pnl_month where line = '17') as result,
        (select sum(budget) from fin.budget_actual) as budget,
        (select sum(amount) from silver.budget_month where month <= (select max(as_of) from fin.pnl_month)) as planned
) as totals
where compared is distinct from result or budget is distinct from planned
