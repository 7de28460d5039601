{{ config(materialized='table', tags=['customer']) }}

with extract as (

    select
        Id as account_id,
        {{ clean_text('Name') }} as name,
        lower({{ clean_text('Type') }}) as account_type,
        {{ clean_text('Industry') }} as industry,
        {{ clean_text('BillingStreet') }} as street,
        {{ clean_text('BillingPostalCode') }} as postal_code,
        {{ clean_text('BillingCity') }} as city,
        lower({{ clean_text('BillingCountry') }}) as country_spelling,
        {{ host_name('Website') }} as website,
        {{ clean_text('Phone') }} as phone,
        NumberOfEmployees as employees,
        CreatedDate as created_date,
        LastModifiedDate as last_modified_date,
        IsDeleted as is_deleted
    from {{ source('sfdc', 'accounts') }}

)

select
    extract.account_id,
    extract.name,
    coalesce(extract.account_type, 'unknown') as account_type,
    extract.industry,
    extract.street,
    extract.postal_code,
    extract.city,
    country_code.iso_code as country_code,
    extract.website,
    extract.phone,
    extract.employees,
    extract.created_date,
    extract.last_modified_date,
    extract.is_deleted
from extract
left join {{ ref('country_code') }} as country_code
    on country_code.spelling = extract.country_spelling
