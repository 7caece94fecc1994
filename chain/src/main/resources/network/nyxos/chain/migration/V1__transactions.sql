-- Every transaction that this service has signed, with the bytes, so that after a crash the very same one is sent again.
create table chain_transaction (
    signature            text primary key,
    intent               text        not null,
    attempt              integer     not null check (attempt >= 1),
    state                text        not null check (state in ('signed', 'sent', 'confirmed', 'failed', 'expired', 'unknown')),
    bytes                bytea       not null,
    last_valid_height    bigint      not null check (last_valid_height >= 0),
    slot                 bigint,
    error                text,
    error_instruction    integer,
    error_custom         bigint,
    created_at           timestamptz not null default now(),
    changed_at           timestamptz not null default now(),
    unique (intent, attempt),
    check ((state in ('confirmed', 'failed')) = (slot is not null)),
    check ((state = 'failed') = (error is not null))
);

-- An intent has at most one transaction that is not proven dead: money cannot move twice for it, whatever the code does.
create unique index chain_transaction_one_alive on chain_transaction (intent) where state <> 'expired';

create index chain_transaction_in_flight on chain_transaction (created_at) where state in ('signed', 'sent', 'unknown');
