-- Credits. The money of an account is in its escrow on chain; this is the gateway's book of it, in double entry, held against the chain again and again.

-- An account: a prepaid escrow. A row is written before the escrow is opened, so that no opening is forgotten. The amounts are what the journal adds up to; those of
-- one account are 0 in sum, always.
create table credit_account (
    escrow       text        primary key,
    wallet       text        not null,
    key          text        not null,
    mint         text        not null,
    open_slot    bigint      not null check (open_slot >= 0),
    state        text        not null check (state in ('OPENING', 'OPEN', 'CLOSED')),
    sponsored    boolean     not null,
    created_at   timestamptz not null default now(),
    -- Paid in from outside: never above 0.
    paid         bigint      not null default 0,
    -- Transferred to the inbox, not counted by the program yet.
    transit      bigint      not null default 0,
    available    bigint      not null default 0,
    reserved     bigint      not null default 0,
    -- Charged by jobs, not settled on chain yet.
    spent        bigint      not null default 0,
    settled      bigint      not null default 0,
    -- Back at the wallet.
    returned     bigint      not null default 0,
    -- Of what was paid in: by transfers that were not brought here. Of what was settled: for jobs that are not known here.
    unattributed bigint      not null default 0 check (unattributed >= 0),
    unknown      bigint      not null default 0 check (unknown >= 0),
    check (paid + transit + available + reserved + spent + settled + returned = 0),
    check (state <> 'CLOSED' or transit = 0 and available = 0 and reserved = 0 and spent = 0)
);

-- One account a wallet may wait for its first payment.
create unique index credit_account_unfunded on credit_account (wallet) where sponsored and paid = 0 and state <> 'CLOSED';
create index credit_account_owner on credit_account (wallet, key, mint) where state <> 'CLOSED';

-- What a buyer sent to pay.
create table credit_purchase (
    message_hash bytea       primary key check (octet_length(message_hash) = 32),
    escrow       text        not null references credit_account (escrow),
    payer        text        not null,
    amount       bigint      not null check (amount > 0),
    transaction  bytea       not null check (octet_length(transaction) = 64),
    state        text        not null check (state in ('PENDING', 'SETTLED', 'REFUSED')),
    reason       text        not null default '',
    claim        uuid        not null,
    created_at   timestamptz not null default now(),
    changed_at   timestamptz not null default now()
);

create index credit_purchase_escrow on credit_purchase (escrow, created_at desc);
create index credit_purchase_pending on credit_purchase (changed_at) where state = 'PENDING';

-- The journal: an entry takes an amount from one place and gives it to another, so that no entry can make or lose a unit. Entries are added and never changed.
create table credit_entry (
    id       bigint      generated always as identity primary key,
    escrow   text        not null references credit_account (escrow),
    kind     text        not null check (kind in ('bought', 'received', 'counted', 'reserved', 'released', 'spent', 'settled', 'settled_unknown', 'unsettled', 'opening', 'exited', 'returned')),
    source   text        not null check (source in ('paid', 'transit', 'available', 'reserved', 'spent', 'settled')),
    target   text        not null check (target in ('transit', 'available', 'reserved', 'spent', 'settled', 'returned')),
    amount   bigint      not null check (amount > 0),
    job      bytea       check (octet_length(job) = 32),
    purchase bytea       check (octet_length(purchase) = 32),
    at       timestamptz not null default now(),
    check (source <> target)
);

create index credit_entry_escrow on credit_entry (escrow, id);

create function credit_entry_posted() returns trigger language plpgsql as $$
begin
    update credit_account set
        paid      = paid      - case when new.source = 'paid' then new.amount else 0 end,
        transit   = transit   + case when new.target = 'transit' then new.amount when new.source = 'transit' then -new.amount else 0 end,
        available = available + case when new.target = 'available' then new.amount when new.source = 'available' then -new.amount else 0 end,
        reserved  = reserved  + case when new.target = 'reserved' then new.amount when new.source = 'reserved' then -new.amount else 0 end,
        spent     = spent     + case when new.target = 'spent' then new.amount when new.source = 'spent' then -new.amount else 0 end,
        settled   = settled   + case when new.target = 'settled' then new.amount when new.source = 'settled' then -new.amount else 0 end,
        returned  = returned  + case when new.target = 'returned' then new.amount else 0 end
    where escrow = new.escrow;
    return null;
end $$;

create trigger credit_entry_posted after insert on credit_entry for each row execute function credit_entry_posted();

create function credit_entry_stands() returns trigger language plpgsql as $$
begin
    raise exception 'entries of the journal are not changed and not taken away';
end $$;

create trigger credit_entry_stands before update or delete on credit_entry for each row execute function credit_entry_stands();

-- Whether an escrow's amounts are in the journal.
alter table escrow_account add column journalled boolean not null default false;
