-- What the gateway must not forget: payments met, jobs, reservations, and what the relayer has yet to be told. Hashes, keys and amounts only: nothing here
-- comes from a prompt or a reply.

create table instance (
    id          uuid        primary key,
    lease_until timestamptz not null
);

-- Every transfer ever presented, by the SHA-256 of its message: the first insert wins, whatever version or endpoint it came through.
create table payment_claim (
    message_hash bytea       primary key check (octet_length(message_hash) = 32),
    claim        uuid        not null,
    created_at   timestamptz not null default now()
);

create table job (
    id                   bytea       primary key check (octet_length(id) = 32),
    kind                 text        not null check (kind in ('exact', 'voucher')),
    state                text        not null check (state in ('PENDING', 'PAID', 'RUNNING', 'EXECUTED', 'REFUNDING', 'RELEASED', 'REFUSED')),
    reason               text        not null default '',
    payment              text        not null,
    escrow               text,
    ceiling              bigint      not null check (ceiling >= 1),
    charge               bigint      not null default 0 check (charge >= 0 and charge <= ceiling),
    request_hash         bytea       check (octet_length(request_hash) = 32),
    model                text,
    tier                 text,
    assignment           bytea,
    assignment_signature bytea,
    receipt              bytea,
    receipt_signature    bytea,
    claim                uuid        not null,
    runner               uuid,
    created_at           timestamptz not null default now(),
    changed_at           timestamptz not null default now(),
    check ((kind = 'voucher') = (escrow is not null)),
    check (state <> 'RUNNING' or runner is not null),
    check ((state = 'EXECUTED') = (receipt is not null)),
    check (kind = 'exact' or state in ('RUNNING', 'EXECUTED', 'RELEASED'))
);

create index job_open on job (changed_at) where state in ('PENDING', 'PAID', 'RUNNING');

-- Escrows of our market as the chain has them, and what was used of each.
create table escrow_account (
    address            text        primary key,
    payer              text        not null,
    mint               text        not null,
    session_key        text        not null,
    exiting            boolean     not null,
    closed             boolean     not null default false,
    deposited          bigint      not null check (deposited >= 0),
    settled            bigint      not null check (settled >= 0),
    session_expires    bigint      not null,
    session_limit      bigint      not null check (session_limit >= 0),
    seen_slot          bigint      not null,
    used               bigint      not null default 0 check (used >= 0),
    reserved           bigint      not null default 0 check (reserved >= 0),
    voucher            bytea,
    voucher_signature  bytea,
    voucher_cumulative bigint      not null default 0 check (voucher_cumulative >= 0),
    voucher_expires    bigint      not null default 0
);

create table outbox (
    id         bigint generated always as identity primary key,
    job        bytea       not null,
    body       bytea       not null,
    attempts   integer     not null default 0,
    due_at     timestamptz not null default now(),
    last_error text        not null default ''
);

create index outbox_due on outbox (due_at);
create index outbox_job on outbox (job, id);
