-- Resources that were paid for through this facilitator and made themselves known (x402's bazaar). Who is paid is part of what a listing is: nobody can take over
-- another's listing by paying himself for its URL.
create table listing (
    resource   text        not null,
    type       text        not null check (type in ('http', 'mcp')),
    name       text        not null,
    pay_to     text        not null,
    scheme     text        not null,
    network    text        not null,
    item       text        not null,
    first_seen timestamptz not null default now(),
    last_seen  timestamptz not null default now(),
    primary key (resource, name, pay_to)
);

create index listing_pay_to on listing (pay_to);
create index listing_order on listing (first_seen, resource, name, pay_to);
