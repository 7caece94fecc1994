package network.nyxos.cli.check;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import network.nyxos.cli.Ran;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.cli.up.Mint;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Somebody asks {@code nyxos verify} before the job's batch is written. */
class JobNotBatchedTest {

    private static final String JOB = Hash.of(new byte[32]).hex();

    private HttpServer relayer;

    @BeforeEach
    void start() throws IOException {
        relayer = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        relayer.createContext("/v1/batches/", exchange -> answer(exchange, 404, "{\"error\": {\"code\": \"batch_unknown\"}}"));
        relayer.start();
    }

    @AfterEach
    void stop() {
        relayer.stop(0);
    }

    private static void answer(HttpExchange exchange, int status, String json) throws IOException {
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private Ran verify(String told) {
        relayer.createContext("/v1/jobs/", exchange -> answer(exchange, 200, told));
        return Ran.command("verify", JOB, "--relayer", "http://127.0.0.1:" + relayer.getAddress().getPort());
    }

    @Test
    void a_job_that_waits_for_its_batch_is_in_none_yet() {
        Ran ran = verify("{\"state\": \"verifying\", \"reason\": \"awaits a replay\"}");
        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.err()).startsWith("nyxos: job " + JOB + " is in no batch yet, it is verifying: awaits a replay").contains("[job_not_batched]");
    }

    @Test
    void a_job_whose_batch_is_still_being_settled_is_in_none_yet() {
        Ran ran = verify("{\"state\": \"verified\", \"batch\": 1, \"mint\": \"" + Mint.USDC.address().toBase58() + "\"}");
        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.err()).startsWith("nyxos: job " + JOB + " is in no batch yet: batch 1 is being settled").contains("[job_not_batched]");
        assertThat(ran.out()).isEmpty();
    }
}
