-- What a registry asks of validators.
alter table registry_config add column min_validator_bond u64 not null default 0, add column validator_count u64 not null default 0;
