-- What final batches say that nodes did: how often a node's jobs are replayed follows from it. Batches of before this are read from their documents.
CREATE TABLE final_batch (
    mint              bytea NOT NULL,
    seq               bigint NOT NULL CHECK (seq > 0),
    posted_slot       bigint NOT NULL,
    -- When its window ended.
    final_slot        bigint NOT NULL CHECK (final_slot >= posted_slot),
    PRIMARY KEY (mint, seq)
);

-- Receipts of the tier `verified` in it, by node.
CREATE TABLE final_work (
    mint              bytea NOT NULL,
    node              bytea NOT NULL CHECK (length(node) = 32),
    seq               bigint NOT NULL,
    verified          bigint NOT NULL CHECK (verified > 0),
    PRIMARY KEY (mint, node, seq),
    FOREIGN KEY (mint, seq) REFERENCES final_batch
);
