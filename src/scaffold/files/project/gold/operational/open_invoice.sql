select id, customer, invoiced_on, currency, amount
from {{ ref('invoice') }}
where paid_on is null
