/// What a node has earned by work, and how often its jobs are replayed for it: of what stands on chain or under a root on chain, and of nothing else, so that
/// everybody comes to the same numbers. Integers only. Why so: docs/decisions/052, docs/economics.md.
package network.nyxos.escrow.standing;
