-- opening + movements = closing, for each customer and month
select *
from fin.mrr_movement
where opening_mrr + new_mrr + reactivation_mrr + expansion_mrr + contraction_mrr + churn_mrr <> closing_mrr
   or movement is null
