-- the lines above make up the result, in the month and since January
select month
from fin.pnl_month
group by month
having sum(amount) filter (where not is_subtotal) <> sum(amount) filter (where line = '17')
    or sum(year_to_date) filter (where not is_subtotal) <> sum(year_to_date) filter (where line = '17')
