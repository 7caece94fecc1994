-- Escrows that anybody may open for a payer.
alter table escrow add column prepaid boolean not null default false;
