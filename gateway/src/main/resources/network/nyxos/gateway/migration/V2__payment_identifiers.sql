-- What payers call their purchases (x402's payment-identifier), so that one asked for twice is charged once. Hashes only.
create table payment_identifier (
    payer       text  not null,
    id          bytea not null check (octet_length(id) = 32),
    payload     bytea not null check (octet_length(payload) = 32),
    fingerprint bytea not null check (octet_length(fingerprint) = 32),
    job         bytea not null references job (id) on delete cascade,
    primary key (payer, id)
);

create index payment_identifier_payload on payment_identifier (payload);
create index payment_identifier_job on payment_identifier (job);

-- Where another gateway of the same schema reaches this one; empty: nowhere.
alter table instance add column address text not null default '';

-- Who was told that this transfer succeeded; null: nobody yet. A transfer whose outcome was not known at first is told of once.
alter table payment_claim add column answer uuid;
update payment_claim set answer = claim;
