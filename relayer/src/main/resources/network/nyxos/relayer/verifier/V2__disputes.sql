-- What this verifier has convicted nodes on: whoever wants to check a slash gets the papers here, whatever becomes of the relayer.
CREATE TABLE conviction (
    evidence          bytea NOT NULL CHECK (length(evidence) = 32),
    accused           bytea NOT NULL CHECK (length(accused) = 32),
    papers            bytea NOT NULL,
    signed_ms         bigint NOT NULL,
    PRIMARY KEY (evidence, accused)
);
