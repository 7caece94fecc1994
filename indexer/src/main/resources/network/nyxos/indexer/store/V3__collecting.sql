-- Settling counts in the escrow, collecting moves to the vault: what an escrow has collected, what closed ones left to collect, and who settles.
alter table escrow add column collected u64 not null default 0, add column operator text not null default '';
alter table pool add column uncollected u64 not null default 0;
