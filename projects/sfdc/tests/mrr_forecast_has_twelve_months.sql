-- twelve consecutive months right after the last actual one, none of them negative
select count(*) as months, min(month) as first_month, min(forecast_mrr) as lowest
from fin.mrr_forecast
having count(distinct month) <> 12
    or min(month) <> (select max(month) + interval '1 month' from fin.mrr_month)
    or min(forecast_mrr) < 0
