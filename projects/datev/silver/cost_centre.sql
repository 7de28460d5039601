{{ config(materialized='view') }}

select
    KOST as cost_centre,
    "Bezeichnung" as name,
    "Verantwortlich" as responsible,
    cast(strptime("Gültig ab", '%d.%m.%Y') as date) as valid_from
from {{ source('datev', 'cost_centres') }}
