-- A statement of before this has another form and is void: the job is replayed again.
ALTER TABLE job ADD COLUMN replay_order bytea CHECK (length(replay_order) = 32);
ALTER TABLE job ADD COLUMN replay_trace bytea CHECK (length(replay_trace) = 32);
ALTER TABLE job ADD COLUMN replay_finish integer;

-- What two nodes have signed about a job and cannot both be true. Holds a prompt and a reply; everybody's once somebody was slashed on it.
CREATE TABLE dispute (
    evidence          bytea PRIMARY KEY CHECK (length(evidence) = 32),
    job               bytea NOT NULL UNIQUE REFERENCES job,
    papers            bytea NOT NULL,
    created_ms        bigint NOT NULL
);

-- Each node's part in it.
CREATE TABLE slash (
    evidence          bytea NOT NULL REFERENCES dispute,
    accused           bytea NOT NULL CHECK (length(accused) = 32),
    state             text NOT NULL CHECK (state IN ('open', 'signed', 'slashed', 'dismissed', 'moot')),
    reason_code       text NOT NULL,
    reason            text NOT NULL,
    rewarded          boolean NOT NULL DEFAULT true,
    -- What a quorum has signed.
    amount            bigint CHECK (amount > 0),
    reward            bigint CHECK (reward > 0 AND reward <= amount),
    reward_token      bytea,
    signatures        text,
    transaction       text,
    changed_ms        bigint NOT NULL,
    -- When it is looked at again; null once it has ended.
    check_ms          bigint,
    PRIMARY KEY (evidence, accused),
    CHECK ((check_ms IS NULL) = (state IN ('slashed', 'dismissed', 'moot'))),
    CHECK ((amount IS NULL) = (signatures IS NULL)),
    CHECK ((reward IS NULL) = (reward_token IS NULL))
);
CREATE INDEX slash_due ON slash (check_ms) WHERE check_ms IS NOT NULL;
