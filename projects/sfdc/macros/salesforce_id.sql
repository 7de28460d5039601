{# The three characters that make a case-insensitive id of 18 out of 15: one for each five, telling which are capitals. #}
{% macro salesforce_id_suffix(id) -%}
    {%- for chunk in range(3) -%}
    {%- if not loop.first %} || {% endif -%}
    substr('ABCDEFGHIJKLMNOPQRSTUVWXYZ012345', 1
        {%- for place in range(5) %}
        + case when ascii(substr({{ id }}, {{ chunk * 5 + place + 1 }}, 1)) between 65 and 90 then {{ 2 ** place }} else 0 end
        {%- endfor %}, 1)
    {%- endfor -%}
{%- endmacro %}
