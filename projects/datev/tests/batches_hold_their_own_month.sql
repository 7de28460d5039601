-- a voucher lies in the month of its batch
select booking_number, batch, booking_date
from {{ ref('booking') }}
where strftime(booking_date, '%Y_%m') <> batch
