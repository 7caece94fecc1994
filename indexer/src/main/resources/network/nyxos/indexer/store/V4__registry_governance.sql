-- Who has been offered to govern a registry, and whether it takes no new nodes and bonds.
alter table registry_config add column pending_authority text, add column paused boolean not null default false;

-- The last verifier set that was proposed for a registry; a later one has the same address.
create table registry_proposal (
    address text primary key, target text not null, rent_payer text not null, state text not null check (state in ('pending', 'applied', 'cancelled')),
    effective_slot u64 not null, threshold integer not null, verifiers text[] not null,
    event_id bigint not null unique, slot bigint not null, signature text not null
);
