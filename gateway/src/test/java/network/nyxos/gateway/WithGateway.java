package network.nyxos.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.Tier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/// What each test of a class has: a gateway of its own on the class's ground, and nodes that do what they are told.
abstract class WithGateway {
    static Ground ground;
    Gateway gateway;
    private final List<ScriptedNode> nodes = new ArrayList<>();

    @BeforeAll
    static void lay() {
        ground = new Ground();
    }

    @AfterAll
    static void clear() {
        if (ground != null) {
            ground.close();
        }
    }

    @BeforeEach
    void start() {
        gateway = ground.gateway();
    }

    @AfterEach
    void stop() {
        nodes.forEach(ScriptedNode::close);
        gateway.close();
    }

    /// A registered node of the open tier, linked to the gateway.
    ScriptedNode node(ScriptedNode.Script script) {
        nodes.add(ScriptedNode.joined(gateway, ground.register(Tier.OPEN), script, Tier.OPEN));
        return nodes.getLast();
    }

    /// The answer to a request that a wallet pays for by the gateway's own offer.
    HttpResponse<String> paid(String path, String body, Keypair wallet) {
        ObjectNode offer = Posted.exactOffer(Posted.post(gateway, path, body));
        return Posted.post(gateway, path, body, "PAYMENT-SIGNATURE", Posted.v2(offer, Posted.transaction(offer, wallet, ground.blockhash(), true)));
    }

    /// Buys the same twice under one name, of a wallet of its own, and sees that it is charged once and given again to the byte.
    ///
    /// @return both answers
    List<HttpResponse<String>> boughtTwice(String path, String body, long price) {
        Keypair wallet = ground.wallet(2 * price);
        List<HttpResponse<String>> answers = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            ObjectNode offer = Posted.exactOffer(Posted.post(gateway, path, body));
            answers.add(Posted.post(gateway, path, body, "PAYMENT-SIGNATURE", Posted.named(offer, Posted.transaction(offer, wallet, ground.blockhash(), true), "bought-under-one-name")));
        }
        assertThat(answers.getFirst().statusCode()).as(answers.getFirst().body()).isEqualTo(200);
        assertThat(answers.getLast().body()).isEqualTo(answers.getFirst().body());
        assertThat(answers.getLast().headers().firstValue("Idempotent-Replayed")).contains("true");
        assertThat(ground.holds(wallet.publicKey())).isEqualTo(price);
        return answers;
    }
}
