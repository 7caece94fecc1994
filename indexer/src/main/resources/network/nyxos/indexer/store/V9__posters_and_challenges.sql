-- Who posts batches and the bond that answers for them, leaves that were proven, and what a challenge has shown of a batch.
create table poster (
    address text primary key, market text not null, operator text not null, rent_payer text not null,
    state text not null check (state in ('bonded', 'unbonding', 'withdrawn')), bond u64 not null, unbond_slot u64 not null, locked_until u64 not null,
    slashed_total u64 not null, event_id bigint not null unique, slot bigint not null, signature text not null
);
create index poster_by_operator on poster (operator, event_id);
create table leaf (
    address text primary key, pool text not null, seq u64 not null, prover text not null, leaf_index bigint not null, payee text not null, kind integer not null,
    cumulative u64 not null, closed boolean not null, event_id bigint not null unique, slot bigint not null, signature text not null
);
create index leaf_by_prover on leaf (prover, event_id);
alter table batch add column fault integer, add column challenger text;
alter table market add column bond_mint text not null default '', add column min_poster_bond u64 not null default 0;
alter table terms add column min_poster_bond u64 not null default 0;
