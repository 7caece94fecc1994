-- Every proposal this verifier signed, with the whole document: what was signed must be answerable for.
CREATE TABLE signed_batch (
    pool              bytea NOT NULL,
    seq               bigint NOT NULL,
    credit_root       bytea NOT NULL,
    receipts_root     bytea NOT NULL,
    document          text NOT NULL,
    signed_ms         bigint NOT NULL,
    -- Whether the chain took it: null while unknown, true once it is final, false once something else took its sequence or it was voided.
    counts            boolean,
    PRIMARY KEY (pool, seq, credit_root, receipts_root)
);

-- Each job of those proposals: a job counts once in one pool's history.
CREATE TABLE signed_job (
    job               bytea NOT NULL,
    pool              bytea NOT NULL,
    seq               bigint NOT NULL,
    credit_root       bytea NOT NULL,
    receipts_root     bytea NOT NULL,
    escrow            bytea,
    charge            bigint NOT NULL,
    PRIMARY KEY (job, pool, seq, credit_root, receipts_root),
    FOREIGN KEY (pool, seq, credit_root, receipts_root) REFERENCES signed_batch
);
CREATE INDEX signed_job_escrow ON signed_job (escrow) WHERE escrow IS NOT NULL;
