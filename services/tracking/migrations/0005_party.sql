-- Who must act on a parcel now, as the fold says; null: nobody. Parcels of before get what their
-- sub-status says.
alter table {svc}.parcel add column party text;
update {svc}.parcel
   set party = case
         when sub_status in ('pickup_failed', 'customs_hold', 'info_required', 'refused',
                             'address_problem', 'undeliverable') then 'shipper'
         when sub_status in ('payment_required', 'available_for_pickup', 'failed_attempt',
                             'expired') then 'receiver'
         when sub_status in ('damaged', 'lost', 'investigation') then 'carrier'
       end
 where sub_status is not null;
