/**
 * The provider node: dials out, runs models, signs receipts, keeps what it earned.
 *
 * <p>What a job meets, in order:
 * <ol>
 *   <li>{@link network.nyxos.node.NodeService}: holds the links and everything below;</li>
 *   <li>{@link network.nyxos.node.link.PeerLink}: a WebSocket to a gateway or the relayer, dialled again whenever it is lost;</li>
 *   <li>{@link network.nyxos.node.GatewayDesk}: what a gateway says;</li>
 *   <li>{@link network.nyxos.node.job.AssignmentRules}: whether the job is one to take;</li>
 *   <li>{@link network.nyxos.node.engine.Engine}: the model;</li>
 *   <li>{@link network.nyxos.node.job.ReceiptWriter}: the signed account of the job;</li>
 *   <li>{@link network.nyxos.node.outbox.ReceiptOutbox}: receipts on disk until the relayer has recorded them;</li>
 *   <li>{@link network.nyxos.node.RelayerDesk}: what the relayer asks: receipts, reveals, replays, evidence;</li>
 *   <li>{@link network.nyxos.node.job.RevealMemory}: token ids in memory, for the relayer's sample;</li>
 *   <li>{@link network.nyxos.node.dispute.Defender}: answers who disputes a receipt before the registry's program;</li>
 *   <li>{@link network.nyxos.node.evidence.EvidenceSource}: quotes of a confidential node.</li>
 * </ol>
 *
 * <p>Prompts and replies stay in memory: no class here logs them or writes them down.
 */
package network.nyxos.node;
