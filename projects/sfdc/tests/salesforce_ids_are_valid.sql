-- the last three characters of each id follow from the first fifteen
select account_id
from {{ ref('account') }}
where length(account_id) <> 18
   or substr(account_id, 16) <> {{ salesforce_id_suffix('account_id') }}
