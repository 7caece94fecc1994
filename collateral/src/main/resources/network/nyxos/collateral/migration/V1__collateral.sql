-- Collateral by platform. Shared by every service that is given this schema.
create table collateral (
    platform   text primary key,
    document   text not null,
    evaluation integer not null,
    issued     timestamptz not null,
    expires    timestamptz not null,
    -- When it is fetched anew. Whoever fetches it moves this ahead first, so that nobody else does.
    refresh_at timestamptz not null,
    used_at    timestamptz not null
);
create index collateral_due on collateral (refresh_at);
