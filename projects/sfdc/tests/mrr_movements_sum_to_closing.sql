-- all movements since the first contract make up the MRR of the last month
select *
from (
    select
        (select sum(new_mrr + reactivation_mrr + expansion_mrr + contraction_mrr + churn_mrr) from fin.mrr_movement) as moved,
        (select sum(mrr) from fin.mrr_month where month = (select max(month) from fin.mrr_month)) as closing
) as totals
where moved is distinct from closing
