/// Credits: prepaid escrows on chain that whoever holds a bearer key may spend. The chain keeps the money and
/// decides; what the gateway writes down of it is held against the chain.
package network.nyxos.gateway.credit;
