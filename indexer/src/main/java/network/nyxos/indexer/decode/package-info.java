/// Transactions into events: which inner instructions are events of a program, and what they say. Pure; the formats come from the generated bindings.
package network.nyxos.indexer.decode;
