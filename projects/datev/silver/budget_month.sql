{{ config(materialized='table', tags=['budget']) }}

{% set months = ['Jan', 'Feb', 'Mär', 'Apr', 'Mai', 'Jun', 'Jul', 'Aug', 'Sep', 'Okt', 'Nov', 'Dez'] %}

{% for month in months %}
select
    make_date(cast(regexp_extract(file_name, '([0-9]{4})[.]csv$', 1) as integer), {{ loop.index }}, 1) as month,
    {{ account_number('Konto') }} as account,
    Kostenstelle as cost_centre,
    "{{ month }}" as amount
from {{ source('datev', 'budgets') }}
{{ 'union all' if not loop.last else '' }}
{% endfor %}
