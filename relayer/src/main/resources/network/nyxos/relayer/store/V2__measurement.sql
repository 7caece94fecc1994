-- What the TEE runs, as the verified evidence says: 48 bytes. Evidence from before this was kept allows nothing that a model restricts.
ALTER TABLE evidence ADD COLUMN measurement bytea NOT NULL DEFAULT decode(repeat('00', 48), 'hex') CHECK (length(measurement) = 48);
