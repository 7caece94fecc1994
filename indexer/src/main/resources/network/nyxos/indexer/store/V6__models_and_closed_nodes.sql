-- What a revoked or ended attestation leaves behind, and nodes whose account is closed.
alter table node add column attestation_floor_slot u64 not null default 0, add column revoked_quote_hash text;
alter table node drop constraint node_state_check;
alter table node add constraint node_state_check check (state in ('active', 'unbonding', 'withdrawn', 'slashed', 'closed'));

-- Models and what their publishers ask.
create table model (
    address text primary key, config text not null, model_id text not null, publisher text not null, payee text not null,
    state text not null check (state in ('active', 'retired')), royalty_bps integer not null, pending_royalty_bps integer not null,
    pending_slot u64 not null, registered_slot u64 not null, measurements text[] not null,
    event_id bigint not null unique, slot bigint not null, signature text not null
);
create index model_by_id on model (model_id);
