-- The stack keeps nothing of its own but the transactions it sends, whose table the chain module brings.
SELECT 1;
