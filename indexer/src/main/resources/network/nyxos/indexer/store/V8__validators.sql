-- What a registry asks of validators.
alter table registry_config add column min_validator_bond u64 not null default 0, add column validator_count u64 not null default 0;

create table validator (
    address text primary key, config text not null, validator_key text not null, operator text not null, payout text not null,
    state text not null check (state in ('active', 'unbonding', 'withdrawn', 'slashed', 'closed')), bond u64 not null, unbond_slot u64 not null,
    registered_slot u64 not null, slashed_total u64 not null, rent_payer text not null,
    event_id bigint not null unique, slot bigint not null, signature text not null
);
create index validator_by_key on validator (validator_key);
