{{ config(materialized='table', tags=['customer', 'personal_data']) }}

with extract as (

    select
        Id as contact_id,
        AccountId as account_id,
        {{ clean_text('FirstName') }} as first_name,
        nullif({{ clean_text('LastName') }}, 'n/a') as last_name,
        {{ clean_text('Title') }} as job_title,
        {{ clean_email('Email') }} as email,
        coalesce(Portal_User__c, false) as wants_portal,
        coalesce(HasOptedOutOfEmail, false) as has_opted_out,
        LastModifiedDate as last_modified_date
    from {{ source('sfdc', 'contacts') }}
    where not IsDeleted

)

select
    *,
    -- The same person entered twice: the record touched last is the one to write to.
    email is not null
    and row_number() over (
        partition by email order by last_modified_date desc, contact_id
    ) = 1 as is_preferred
from extract
