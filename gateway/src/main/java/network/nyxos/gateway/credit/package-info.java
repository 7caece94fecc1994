/// Credits: prepaid escrows on chain that whoever holds a bearer key may spend. The chain keeps the money and the books; here it is sold, spent and looked after.
package network.nyxos.gateway.credit;
