-- what the books call subscription revenue is what Salesforce has sold
select month, contracted, booked, difference
from fin.revenue_reconciliation
where difference <> 0
