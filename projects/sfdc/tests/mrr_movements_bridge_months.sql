-- the movements of a month are the difference between its MRR and the month's before
with closing as (
    select month, sum(mrr) as mrr from fin.mrr_month group by month
),
bridge as (
    select
        month,
        sum(new_mrr + reactivation_mrr + expansion_mrr + contraction_mrr + churn_mrr) as change
    from fin.mrr_movement
    group by month
)
select closing.month, closing.mrr, before.mrr as mrr_before, bridge.change
from closing
left join closing as before on before.month = closing.month - interval '1 month'
left join bridge on bridge.month = closing.month
where closing.mrr - coalesce(before.mrr, 0) is distinct from coalesce(bridge.change, 0)
