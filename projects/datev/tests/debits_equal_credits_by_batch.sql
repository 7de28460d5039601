-- ... and so does each batch, with all its bookings in the journal
select entry.batch, entry.debit, entry.credit, entry.bookings, batch.bookings as lines
from (
    select batch, sum(debit) as debit, sum(credit) as credit, count(distinct booking_number) as bookings
    from {{ ref('ledger_entry') }}
    group by batch
) as entry
full join (
    select batch, count(*) as bookings from {{ ref('booking') }} group by batch
) as batch
    on batch.batch = entry.batch
where entry.debit is distinct from entry.credit
   or entry.bookings is distinct from batch.bookings
