/// The nodes' end of the relayer: each node dials in and proves who it is ({@link network.nyxos.relayer.link.NodeLink}); the gate reaches the nodes that
/// are there through {@link network.nyxos.relayer.link.NodeLinks}.
package network.nyxos.relayer.link;
