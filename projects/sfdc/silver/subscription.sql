{{ config(materialized='table', tags=['revenue']) }}

select
    Id as subscription_id,
    Name as subscription_number,
    Account__c as account_id,
    Opportunity__c as opportunity_id,
    Product__c as product,
    Quantity__c as seats,
    List_Price__c as list_price,
    Discount__c as discount_percent,
    cast(round(Quantity__c * List_Price__c * (100 - Discount__c) / 100, 2) as decimal(14, 2)) as mrr,
    Billing_Period_Months__c as billing_period_months,
    Start_Date__c as start_date,
    End_Date__c as end_date,
    lower(Status__c) as status,
    coalesce(Auto_Renew__c, false) as auto_renew,
    Amends__c as amends_subscription_id,
    CurrencyIsoCode as currency,
    CreatedDate as created_date,
    LastModifiedDate as last_modified_date,
    IsDeleted as is_deleted
from {{ source('sfdc', 'subscriptions') }}
