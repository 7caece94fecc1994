/// The gateway: OpenAI's chat API in front, x402 at the till, provider nodes behind. It stores nothing of prompts and replies.
///
/// A request meets, in this order:
/// 1. {@link network.nyxos.gateway.web.GatewayServer} and its `ChatRoute`: the body, with a bound
/// 2. {@link network.nyxos.gateway.openai.ChatRequestReader}: what is asked for
/// 3. {@link network.nyxos.gateway.offer.Catalogue}: what it costs at most
/// 4. {@link network.nyxos.gateway.checkout.Checkout}: offered ({@link network.nyxos.gateway.checkout.Offers}), or paid: a node's place
///    ({@link network.nyxos.gateway.link.NodePool}), then a transfer ({@link network.nyxos.gateway.payment.ExactRules},
///    {@link network.nyxos.gateway.facilitator.Settler}) or a reservation ({@link network.nyxos.gateway.payment.EscrowRules}), stored
///    ({@link network.nyxos.gateway.store.JobStore}) as {@link network.nyxos.gateway.job.JobMachine} allows
/// 5. {@link network.nyxos.gateway.job.JobRunner}: assigned over {@link network.nyxos.gateway.link.NodeLink}, streamed, checked
///    ({@link network.nyxos.gateway.job.ReceiptCheck})
/// 6. {@link network.nyxos.gateway.openai.Replies}: told to the client
/// 7. {@link network.nyxos.gateway.relay.RelayerLine}: told to the relayer
package network.nyxos.gateway;
