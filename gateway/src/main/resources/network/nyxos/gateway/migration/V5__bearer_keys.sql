-- A bearer key is found by the public key that it signs with; the key itself is nowhere.
create index escrow_account_session_key on escrow_account (session_key);
