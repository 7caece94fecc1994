-- What the relayer says a batch holds. Only content whose roots are the chain's has rows in `job` and `credit`.
create table batch_content (
    batch      text primary key,
    state      text not null check (state in ('verified', 'refused', 'unavailable')),
    code       text,
    message    text,
    attempts   integer not null,
    fetched_at timestamptz not null default clock_timestamp()
);
create table job (
    row_id            bigint generated always as identity primary key,
    job               text not null,
    batch             text not null,
    leaf              integer not null,
    node              text not null,
    model             text not null,
    engine            text not null,
    tier              text not null,
    tokens_in         bigint not null,
    tokens_out        bigint not null,
    mint              text not null,
    charge            u64 not null,
    finish            text not null,
    prompt_commitment text not null,
    output_hash       text not null,
    quote_hash        text,
    receipt_hash      text not null,
    receipt           bytea not null,
    receipt_signature bytea not null,
    payment           jsonb,
    started_at        timestamptz not null,
    ended_at          timestamptz not null,
    unique (batch, leaf),
    unique (batch, job)
);
create index job_by_id on job (job);
create index job_by_node on job (node, row_id);
create table credit (
    batch      text not null,
    leaf       integer not null,
    payee      text not null,
    kind       integer not null,
    cumulative u64 not null,
    primary key (batch, leaf)
);
create index credit_by_payee on credit (payee, kind);
