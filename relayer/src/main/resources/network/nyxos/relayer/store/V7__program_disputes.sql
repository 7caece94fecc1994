-- Whether the registry's program is to decide a part; once it is not, the verifiers are.
ALTER TABLE slash ADD COLUMN program boolean NOT NULL DEFAULT true;
