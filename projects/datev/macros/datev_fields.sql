{# DATEV writes 01032024, and drops the leading zero when a spreadsheet has been at it. #}
{% macro date_from_ddmmyyyy(column) -%}
    cast(strptime(lpad({{ column }}, 8, '0'), '%d%m%Y') as date)
{%- endmacro %}

{# General ledger accounts have four digits, personal accounts five; spreadsheets drop leading zeros. #}
{% macro account_number(column) -%}
    case when length({{ column }}) < 4 then lpad({{ column }}, 4, '0') else {{ column }} end
{%- endmacro %}

{# Day and month of a voucher, with the year of its batch. #}
{% macro date_from_ddmm(column, year) -%}
    cast(strptime(lpad({{ column }}, 4, '0') || {{ year }}, '%d%m%Y') as date)
{%- endmacro %}
