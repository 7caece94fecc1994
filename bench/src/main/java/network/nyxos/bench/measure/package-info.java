/** How figures are taken and told: rates, percentiles, the machine they were taken on. */
package network.nyxos.bench.measure;
