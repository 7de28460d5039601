{{ config(materialized='ephemeral') }}

-- What everyone means by "our accounts": not in the recycle bin.
select *
from {{ ref('account') }}
where not is_deleted
