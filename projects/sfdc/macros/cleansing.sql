{# White space trimmed and collapsed; nothing left means null. #}
{% macro clean_text(column) -%}
    nullif(trim(regexp_replace({{ column }}, '\s+', ' ', 'g')), '')
{%- endmacro %}

{# Lower case, trimmed; what is no address means null. #}
{% macro clean_email(column) -%}
    case
        when regexp_full_match(lower(trim({{ column }})), '[^@\s]+@[^@\s]+\.[a-z]{2,}')
            then lower(trim({{ column }}))
    end
{%- endmacro %}

{# The bare host name: no protocol, no www, no path. #}
{% macro host_name(column) -%}
    nullif(regexp_replace(regexp_replace(lower(trim({{ column }})), '^(https?://)?(www\.)?', ''), '/.*$', ''), '')
{%- endmacro %}
