-- Gateways of a market, and jobs that their nodes settled by themselves.
alter table market add column gateways text[] not null default '{}';
alter table terms add column gateways text[] not null default '{}';
create table direct (
    address text primary key, pool text not null, escrow text not null, job text not null, node_key text not null, payer text not null, rent_payer text not null,
    gateway text not null, state text not null check (state in ('open', 'paid', 'void', 'returned')), receipt_hash text not null, charge u64 not null, fee u64 not null,
    settled_slot u64 not null, final_slot u64 not null, void_reason integer, closed boolean not null,
    event_id bigint not null unique, slot bigint not null, signature text not null
);
create index direct_by_payer on direct (payer, event_id);
create index direct_by_node on direct (node_key, event_id);
create index direct_by_job on direct (job);
