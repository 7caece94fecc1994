/// What is sold and for how much: models, tiers, mints, prices.
package network.nyxos.gateway.offer;
