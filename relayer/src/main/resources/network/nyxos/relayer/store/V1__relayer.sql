-- Amounts are base units. Times in *_ms columns are unix milliseconds.

CREATE TABLE job (
    job               bytea PRIMARY KEY CHECK (length(job) = 32),
    state             text NOT NULL,
    reason_code       text NOT NULL,
    reason            text NOT NULL,
    first_seen_ms     bigint NOT NULL,
    changed_ms        bigint NOT NULL,
    -- Counts what came in, so that the gate decides on nothing older than what is here.
    revision          bigint NOT NULL DEFAULT 0,
    -- When the gate looks again; null once the job is decided.
    check_ms          bigint,
    mint              bytea,
    tier              integer,
    node              bytea,
    -- The gateway's record; all null while only a receipt is here.
    gateway           bytea,
    outcome           text,
    record            text,
    message_hash      bytea UNIQUE,
    escrow            bytea,
    payer             bytea,
    assignment_hash   bytea,
    -- What the gate found.
    charge            bigint NOT NULL DEFAULT 0 CHECK (charge >= 0),
    refund            bigint NOT NULL DEFAULT 0 CHECK (refund >= 0),
    sample_rate       integer,
    sample_slot       bigint,
    sample_hash       bytea,
    replay_node       bytea,
    replay_output     bytea,
    replay_sig        bytea,
    batch_seq         bigint,
    -- A job is charged, or it is refunded, or neither.
    CHECK (charge = 0 OR refund = 0),
    CHECK ((record IS NULL) = (outcome IS NULL)),
    CHECK ((sample_slot IS NULL) = (sample_hash IS NULL))
);
CREATE INDEX job_due ON job (check_ms) WHERE check_ms IS NOT NULL;
CREATE INDEX job_state ON job (state, job);
CREATE INDEX job_batch ON job (mint, batch_seq) WHERE batch_seq IS NOT NULL;
CREATE INDEX job_awaits_batch ON job (mint, changed_ms) WHERE batch_seq IS NULL AND (state = 'verified' OR refund > 0);
CREATE INDEX job_escrow ON job (escrow) WHERE escrow IS NOT NULL AND charge > 0;

CREATE TABLE receipt (
    receipt_hash      bytea PRIMARY KEY,
    job               bytea NOT NULL,
    node              bytea NOT NULL,
    assignment_hash   bytea NOT NULL,
    attempt           integer NOT NULL,
    receipt           bytea NOT NULL,
    signature         bytea NOT NULL,
    assignment        bytea NOT NULL,
    assignment_sig    bytea NOT NULL,
    recorded_slot     bigint NOT NULL,
    recorded_ms       bigint NOT NULL,
    UNIQUE (job, assignment_hash)
);

-- What each escrow has been charged for all time: base (settled before this ledger began) plus the charges of its verified jobs.
CREATE TABLE escrow (
    escrow            bytea PRIMARY KEY,
    mint              bytea NOT NULL,
    base              bigint NOT NULL CHECK (base >= 0),
    used              bigint NOT NULL CHECK (used >= base)
);

CREATE TABLE voucher (
    escrow            bytea NOT NULL,
    cumulative        bigint NOT NULL,
    expires           bigint NOT NULL,
    signature         bytea NOT NULL,
    PRIMARY KEY (escrow, cumulative, expires)
);

CREATE TABLE evidence (
    hash              bytea PRIMARY KEY,
    node              bytea NOT NULL,
    receipt_key       bytea NOT NULL,
    sealing_key       bytea NOT NULL,
    kind              text NOT NULL,
    nonce             bytea NOT NULL UNIQUE,
    quote             bytea NOT NULL,
    collateral        text NOT NULL,
    received_ms       bigint NOT NULL,
    expires_ms        bigint NOT NULL,
    development       boolean NOT NULL,
    verdict           text NOT NULL
);

CREATE TABLE batch (
    mint              bytea NOT NULL,
    seq               bigint NOT NULL CHECK (seq > 0),
    base_seq          bigint NOT NULL CHECK (base_seq >= 0),
    state             text NOT NULL,
    reason_code       text NOT NULL,
    reason            text NOT NULL,
    created_ms        bigint NOT NULL,
    changed_ms        bigint NOT NULL,
    -- Written before anything is sent, never changed once posted.
    document          text,
    signatures        text,
    transaction       text,
    final_slot        bigint,
    PRIMARY KEY (mint, seq)
);
-- One batch of a mint is under way at a time.
CREATE UNIQUE INDEX batch_under_way ON batch (mint) WHERE state NOT IN ('final', 'void');

CREATE TABLE settlement (
    mint              bytea NOT NULL,
    seq               bigint NOT NULL,
    escrow            bytea NOT NULL,
    cumulative        bigint NOT NULL CHECK (cumulative > 0),
    done              boolean NOT NULL DEFAULT false,
    PRIMARY KEY (mint, seq, escrow)
);

-- The ledger's lines of final batches: what each job brought each payee. Their sums are the credits.
CREATE TABLE credit_line (
    mint              bytea NOT NULL,
    seq               bigint NOT NULL,
    job               bytea NOT NULL,
    payee             bytea NOT NULL,
    kind              integer NOT NULL,
    amount            bigint NOT NULL CHECK (amount > 0),
    PRIMARY KEY (mint, job, payee, kind)
);

-- What a payee has been credited in the latest final batch, and what is known to be claimed of it.
CREATE TABLE payee (
    mint              bytea NOT NULL,
    payee             bytea NOT NULL,
    kind              integer NOT NULL,
    cumulative        bigint NOT NULL,
    claimed           bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (mint, payee, kind)
);
CREATE INDEX payee_unclaimed ON payee (mint) WHERE claimed < cumulative;
