{# An id of 18 characters from one of 15 or 18: the suffix tells which of each five letters are capitals. #}
{% macro salesforce_id18(id) -%}
    case length({{ id }})
        when 18 then {{ id }}
        when 15 then {{ id }}
        {%- for chunk in range(3) %}
            || substr('ABCDEFGHIJKLMNOPQRSTUVWXYZ012345', 1
            {%- for place in range(5) %}
                + case when ascii(substr({{ id }}, {{ chunk * 5 + place + 1 }}, 1)) between 65 and 90 then {{ 2 ** place }} else 0 end
            {%- endfor %}, 1)
        {%- endfor %}
    end
{%- endmacro %}
