-- Every u64 of the chain, whatever it counts: exact, and nothing that a program accepts is out of range here.
create domain u64 as numeric(20, 0) check (value between 0 and 18446744073709551615);

-- What this database mirrors. One row; another cluster or other programs need another database.
create table mirror (
    only_one         boolean primary key default true check (only_one),
    genesis_hash     text not null,
    registry_program text not null,
    escrow_program   text not null
);

-- Per program: the contiguous frontier. Every transaction of the program up to `signature` is in; `ordinal` counts them.
create table frontier (
    program   text primary key check (program in ('registry', 'escrow')),
    signature text not null,
    slot      bigint not null,
    ordinal   bigint not null
);

-- `id` is the order of arrival, for pages and live events; (program, ordinal, outer_index, inner_index) is the order of the chain.
create table event (
    id          bigint generated always as identity primary key,
    signature   text not null,
    outer_index integer not null,
    inner_index integer not null,
    program     text not null check (program in ('registry', 'escrow')),
    ordinal     bigint not null,
    type        text not null,
    slot        bigint not null,
    block_time  timestamptz,
    indexed_at  timestamptz not null default clock_timestamp(),
    data        bytea not null,
    body        jsonb not null,
    accounts    text[] not null,
    unique (signature, outer_index, inner_index)
);
create unique index event_chain_order on event (program, ordinal, outer_index, inner_index);
create index event_type on event (type, id);
create index event_accounts on event using gin (accounts);
create index event_payee on event ((body ->> 'payee'), id) where type = 'Claimed';

-- What could not be decoded or projected. It never holds up what follows; a later start tries it again.
create table decode_failure (
    signature   text not null,
    outer_index integer not null,
    inner_index integer not null,
    program     text not null,
    ordinal     bigint not null,
    slot        bigint not null,
    block_time  timestamptz,
    data        bytea not null,
    code        text not null,
    message     text not null,
    attempts    integer not null default 1,
    failed_at   timestamptz not null default clock_timestamp(),
    primary key (signature, outer_index, inner_index)
);

-- State, from events alone. `event_id` is the event that made the row (a stable order), `slot` and `signature` its last change.
create table registry_config (
    address text primary key, id integer not null, creator text not null, authority text not null, bond_mint text not null, min_bond u64 not null,
    unbonding_slots u64 not null, node_count u64 not null, threshold integer not null, verifiers text[] not null,
    event_id bigint not null unique, slot bigint not null, signature text not null
);
create table node (
    address text primary key, config text not null, node_key text not null, operator text not null, payout text not null, receipt_key text not null,
    sealing_key text, tiers integer not null, state text not null check (state in ('active', 'unbonding', 'withdrawn', 'slashed')), bond u64 not null,
    unbond_slot u64 not null, registered_slot u64 not null, attestation_kind integer not null, attestation_expiry_slot u64 not null,
    attestation_quote_hash text not null, attestation_measurement text not null, slashed_total u64 not null,
    event_id bigint not null unique, slot bigint not null, signature text not null
);
create index node_by_key on node (node_key);
create index node_by_payout on node (payout);
create table market (
    address text primary key, cluster text not null, creator text not null, id integer not null, authority text not null, operator text not null,
    treasury text not null, fee_bps integer not null, challenge_slots u64 not null, exit_slots u64 not null, direct_slots u64 not null,
    registry_program text not null, registry_config text not null, threshold integer not null, verifiers text[] not null,
    event_id bigint not null unique, slot bigint not null, signature text not null
);
create table pool (
    address text primary key, market text not null, mint text not null, token_program text not null, vault text not null, deposit_vault text not null,
    decimals integer not null, deposited u64 not null, settled u64 not null, exited u64 not null, inflow u64 not null, credited u64 not null,
    claimed u64 not null, next_seq u64 not null, pending_seq u64 not null, final_seq u64 not null, last_post_slot u64 not null,
    event_id bigint not null unique, slot bigint not null, signature text not null,
    unique (market, mint)
);
create table escrow (
    address text primary key, market text not null, pool text not null, payer text not null, mint text not null, session_key text not null,
    rent_payer text not null, state text not null check (state in ('open', 'exiting', 'exited')), deposited u64 not null, settled u64 not null,
    returned u64 not null, open_slot u64 not null, exit_slot u64 not null, session_expires bigint not null, session_limit u64 not null,
    event_id bigint not null unique, slot bigint not null, signature text not null
);
create index escrow_by_payer on escrow (payer, event_id);
create table batch (
    address text primary key, pool text not null, seq u64 not null, state text not null check (state in ('posted', 'final', 'void')), poster text not null,
    receipts_root text not null, receipts_count bigint not null, credit_root text not null, credit_sum u64 not null, payee_count bigint not null,
    posted_slot u64 not null, final_slot u64 not null, void_reason integer,
    event_id bigint not null unique, slot bigint not null, signature text not null,
    unique (pool, seq)
);
create table claim (
    address text primary key, pool text not null, payee text not null, kind integer not null, claimed u64 not null, last_seq u64 not null,
    event_id bigint not null unique, slot bigint not null, signature text not null,
    unique (pool, payee, kind)
);

-- The ledger of each pool: what came in, where it went, what is left where.
create view ledger as
select p.address as pool, p.market, p.mint, p.decimals, p.deposited, p.settled, p.exited, p.deposited - p.settled - p.exited as held,
       p.inflow, p.credited, p.claimed, p.inflow - p.credited as uncredited, p.credited - p.claimed as unclaimed
from pool p;
