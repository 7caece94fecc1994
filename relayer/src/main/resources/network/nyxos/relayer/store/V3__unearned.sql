-- What the chain is known to have settled of an escrow. Above `used`, no job earned it.
ALTER TABLE escrow ADD COLUMN settled bigint NOT NULL DEFAULT 0;
UPDATE escrow SET settled = coalesce((SELECT max(s.cumulative) FROM settlement s WHERE s.escrow = escrow.escrow AND s.done), 0);

-- What closed escrows had settled and no job earned: it goes back to the payer, once.
CREATE TABLE unearned (
    escrow            bytea PRIMARY KEY REFERENCES escrow,
    mint              bytea NOT NULL,
    payer             bytea NOT NULL,
    amount            bigint NOT NULL CHECK (amount > 0),
    -- Since when it waits for a batch.
    changed_ms        bigint NOT NULL,
    batch_seq         bigint
);
CREATE INDEX unearned_batch ON unearned (mint, batch_seq);
