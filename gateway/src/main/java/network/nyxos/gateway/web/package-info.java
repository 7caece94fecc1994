/// The HTTP and WebSocket surface.
package network.nyxos.gateway.web;
