-- A market's pause switch, whom its authority is offered to, and the terms last proposed for it.
alter table market add column paused integer not null default 0, add column nominee text;
create table terms (
    address text primary key, market text not null, state text not null check (state in ('proposed', 'applied', 'cancelled')), fee_bps integer not null,
    challenge_slots u64 not null, exit_slots u64 not null, direct_slots u64 not null, apply_slot u64 not null, threshold integer not null,
    verifiers text[] not null, event_id bigint not null unique, slot bigint not null, signature text not null
);
