package network.nyxos.relayer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.escrow.wire.PaymentRecord;
import network.nyxos.localnet.LocalChain;
import network.nyxos.relayer.batch.BatchDocument;
import network.nyxos.relayer.batch.Quorum;
import network.nyxos.relayer.chain.MarketFacts;
import network.nyxos.relayer.chain.MarketTerms;
import network.nyxos.relayer.credit.CreditLedger;
import network.nyxos.relayer.credit.CreditRules;
import network.nyxos.relayer.verifier.VerifierClient;
import network.nyxos.relayer.wire.BatchJson;
import network.nyxos.relayer.wire.Fields;
import org.junit.jupiter.api.Test;

/// A verifier that was away while others signed.
class HistoryTest {
    @Test
    void a_verifier_learns_what_it_missed_from_documents_that_the_chain_vouches_for_and_then_pays_no_job_again() {
        try (var world = new World(LocalChain.TOKEN_PROGRAM)) {
            world.startVerifiers(0, 0, 1);
            try (Relayer relayer = Relayer.start(world.config(0)); SolanaRpc rpc = SolanaRpc.connect(world.rpc.httpUrl())) {
                PaymentRecord.Exact first = world.pay(world.wallet(300), 300);
                world.post(relayer, world.papers.failed(first, Optional.empty()));
                await().atMost(Duration.ofSeconds(40)).until(() -> world.state(relayer, first.jobId()).equals("refunded"));
                assertThat(world.poolAccount().finalSeq()).isEqualTo(1);
                CreditLedger base = BatchJson.read(Fields.parse(world.get(relayer, "/v1/batches/" + world.mint + "/1").body())).ledger();

                MarketTerms terms = MarketTerms.read(rpc, World.PROGRAMS, world.market.market(), List.of(world.mint));
                VerifierClient.Endpoint learning = world.startVerifier(0, 2, "", Optional.of(relayer.url()));
                VerifierClient.Endpoint alone = world.startVerifier(0, 1, "_new", Optional.empty());
                try (var quorum = new VerifierClient(List.of(learning, alone), new MarketFacts(rpc, terms)::rulers, World.PROGRAMS, world.operator, Duration.ofSeconds(20))) {
                    PaymentRecord.Exact second = world.pay(world.wallet(200), 200);
                    Quorum.Answers answers = quorum.ask(refund(world, base, second));
                    assertThat(answers.signatures()).extracting(signature -> signature.verifier()).containsExactly(learning.key());
                    assertThat(answers.refusals()).extracting(refusal -> refusal.reason().code()).containsExactly("history_missing");

                    Quorum.Answers again = quorum.ask(refund(world, base, first));
                    assertThat(again.signatures()).isEmpty();
                    assertThat(again.refusals()).extracting(refusal -> refusal.reason().code()).containsExactlyInAnyOrder("job_paid", "history_missing");

                    Quorum.Answers forgetful = quorum.ask(refund(world, CreditLedger.EMPTY, second));
                    assertThat(forgetful.refusals()).extracting(refusal -> refusal.reason().code()).contains("credits_wrong");
                }
            }
        }
    }

    private static BatchDocument refund(World world, CreditLedger base, PaymentRecord.Exact payment) {
        return BatchDocument.build(world.pool.pool(), world.mint, 2, 1, base, List.of(), List.of(new BatchDocument.Failed(payment.jobId(), "x", payment)), List.of(), List.of(),
            new CreditRules(world.chain.slot(), World.FEE_BPS, world.treasury, List.of()));
    }
}
