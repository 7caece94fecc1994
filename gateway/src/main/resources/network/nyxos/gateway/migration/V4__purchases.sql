-- What a wallet has bought, for wallets that sign in; and challenges that were used, until they end anyway.
alter table job add column payer text;
update job set payer = payment::json ->> 'payer' where kind = 'exact';
alter table job add check (kind = 'voucher' or payer is not null);

create index job_payer on job (payer, created_at desc) where payer is not null;
create index job_escrow on job (escrow, created_at desc) where escrow is not null;
create index escrow_account_payer on escrow_account (payer);

create table sign_in (
    nonce bytea       primary key check (octet_length(nonce) = 16),
    until timestamptz not null
);

create index sign_in_until on sign_in (until);
