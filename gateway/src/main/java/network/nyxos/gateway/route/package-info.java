/// Which node gets a job: what was seen of the nodes, and the order that follows from it. Pure but for the clock.
package network.nyxos.gateway.route;
