-- The machine's GPUs with what they are judged by, as JSON: of evidence that a policy asking for GPUs took.
ALTER TABLE evidence ADD COLUMN devices text;
