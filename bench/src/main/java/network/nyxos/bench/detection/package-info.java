/** Whether a replay finds who cheated and accuses nobody else: real jobs on a real engine, judged by the relayer's and the verifiers' own rules. */
package network.nyxos.bench.detection;
