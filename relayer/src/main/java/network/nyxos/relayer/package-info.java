/// The relayer service. A job meets: {@link network.nyxos.relayer.api.JobsApi} and {@link network.nyxos.relayer.link.NodeLink} (in),
/// {@link network.nyxos.relayer.gate.Intake} (stored), {@link network.nyxos.relayer.gate.Gatekeeper} (its tier's gate),
/// {@link network.nyxos.relayer.batch.BatchMachine} with {@link network.nyxos.relayer.settle.Settler} and
/// {@link network.nyxos.relayer.verifier.Verifier} (settled, signed, posted, final), {@link network.nyxos.relayer.payout.Payouts} (paid).
package network.nyxos.relayer;
