-- What the carrier takes in `field`: rule and limit with its unit, never what was written there.
alter table {svc}.shipment add column reason text;
