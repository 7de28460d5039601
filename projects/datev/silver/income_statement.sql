{{ config(materialized='table') }}

select line, sort_order, label, is_subtotal
from {{ ref('income_statement_line') }}
