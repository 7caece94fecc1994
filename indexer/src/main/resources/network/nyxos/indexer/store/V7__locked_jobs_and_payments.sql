-- Amounts locked for jobs, exact payments under a reference, batches whose accounts are closed, and what leaves deposits past the vault.
create table locked_job (
    address text primary key, pool text not null, payer text not null, node_key text not null, rent_payer text not null,
    state text not null check (state in ('open', 'closed')), terms_hash text not null, fee_bps integer not null, amount u64 not null, released u64 not null,
    refunded u64 not null, open_slot u64 not null, deadline_slot u64 not null,
    event_id bigint not null unique, slot bigint not null, signature text not null
);
create index locked_job_by_payer on locked_job (payer, event_id);
create index locked_job_by_node on locked_job (node_key, event_id);
create table payment (
    address text primary key, pool text not null, payer text not null, rent_payer text not null, reference text not null, amount u64 not null,
    paid_slot u64 not null, closed boolean not null, event_id bigint not null unique, slot bigint not null, signature text not null
);
create index payment_by_payer on payment (payer, event_id);
create index payment_by_reference on payment (reference);
alter table batch add column closed boolean not null default false;
alter table pool add column direct u64 not null default 0;
create or replace view ledger as
select p.address as pool, p.market, p.mint, p.decimals, p.deposited, p.settled, p.exited, p.deposited - p.settled - p.exited - p.direct as held,
       p.inflow, p.credited, p.claimed, p.inflow - p.credited as uncredited, p.credited - p.claimed as unclaimed
from pool p;
