/// The gate: what a job must pass, by tier, before it is credited. Pure: facts come in as arguments, rulings come out. The relayer and every verifier
/// run these same rules, each over facts that it looked up itself.
///
/// In the order in which a job meets them: {@link network.nyxos.relayer.gate.PaperRules}, {@link network.nyxos.relayer.gate.NodeRules},
/// {@link network.nyxos.relayer.gate.PaymentRules}, then by tier {@link network.nyxos.relayer.gate.Sample} (at a rate of {@link network.nyxos.relayer.gate.Standings}) and
/// {@link network.nyxos.relayer.gate.ReplayRules}, or {@link network.nyxos.relayer.gate.EvidenceRules}.
package network.nyxos.relayer.gate;
