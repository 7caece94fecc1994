-- Disputes about receipts, and how many a node has.
alter table registry_config add column answer_slots u64 not null default 0;
alter table node add column open_disputes bigint not null default 0;
create table dispute (
    address text primary key, config text not null, node text not null, node_key text not null, accuser text not null, rent_payer text not null,
    receipt_hash text not null, model_id text not null, tokens_in bigint not null, tokens_out bigint not null, stake u64 not null,
    state text not null check (state in ('open', 'proven', 'node_silent', 'accuser_silent', 'given_up')), opened_slot u64 not null, deadline_slot u64 not null,
    phase integer not null, level integer not null, vector integer not null, place_hash text not null, place_first bigint not null, place_count bigint not null,
    reward u64 not null, burned u64 not null, returned u64 not null,
    event_id bigint not null unique, slot bigint not null, signature text not null
);
create index dispute_by_node on dispute (node_key, event_id);
create index dispute_by_accuser on dispute (accuser, event_id);
