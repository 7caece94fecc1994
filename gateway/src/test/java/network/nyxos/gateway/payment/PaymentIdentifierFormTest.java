package network.nyxos.gateway.payment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import org.junit.jupiter.api.Test;
import software.sava.core.accounts.PublicKey;

class PaymentIdentifierFormTest {
    private final PublicKey key = Keypair.generate().publicKey();
    private final Hash request = Hash.sha256(new byte[] {1});

    private static JsonNode payment(String json) {
        return Json.object(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    private Requirements terms(String scheme, long amount) {
        return new Requirements(scheme, Network.DEVNET.caip2(), amount, key, key, 60, Json.object("{}".getBytes(StandardCharsets.UTF_8)).deepCopy());
    }

    @Test
    void theSamePaymentIsTheSameInWhateverOrderItIsWritten() {
        var one = PaymentIdentifier.of(payment("{'x402Version':2,'payload':{'a':1,'b':[1,2]},'extensions':{'payment-identifier':{'info':{'required':false,'id':'sixteen-letters-'}}}}"));
        var same = PaymentIdentifier.of(payment("{'extensions':{'payment-identifier':{'info':{'id':'sixteen-letters-','required':false}}},'payload':{'b':[1,2],'a':1},'x402Version':2}"));
        var other = PaymentIdentifier.of(payment("{'extensions':{'payment-identifier':{'info':{'id':'sixteen-letters-','required':false}}},'payload':{'b':[2,1],'a':1},'x402Version':2}"));

        assertThat(one).isPresent().isEqualTo(same);
        assertThat(other.orElseThrow().id()).isEqualTo(one.orElseThrow().id());
        assertThat(other.orElseThrow().payload()).isNotEqualTo(one.orElseThrow().payload());
    }

    @Test
    void aDeclarationThatIsSentBackAsItWasNamesNothing() {
        assertThat(PaymentIdentifier.of(payment("{'extensions':{'payment-identifier':{'info':{'required':false}}}}"))).isEmpty();
        assertThat(PaymentIdentifier.of(payment("{'extensions':{}}"))).isEmpty();
        assertThat(PaymentIdentifier.of(payment("{}"))).isEmpty();
    }

    @Test
    void whatIsNoNameIsRefused() {
        for (String id : new String[] {"'fifteen-letters'", "'sixteen letters?'", "1234567890123456", "{}", "''"}) {
            assertThatThrownBy(() -> PaymentIdentifier.of(payment("{'extensions':{'payment-identifier':{'info':{'id':" + id + "}}}}"))).as(id)
                .isInstanceOfSatisfying(PaymentException.class, e -> assertThat(e.code()).isEqualTo("invalid_payment_identifier"));
        }
    }

    @Test
    void aPurchaseIsThisOneByItsTermsAndItsRequest() {
        Hash purchase = PaymentIdentifier.fingerprint(terms("exact", 5), request);

        assertThat(PaymentIdentifier.fingerprint(terms("exact", 5).withExtra("memo", "another"), request)).as("each offer has a memo of its own").isEqualTo(purchase);
        assertThat(PaymentIdentifier.fingerprint(terms("escrow", 5), request)).isNotEqualTo(purchase);
        assertThat(PaymentIdentifier.fingerprint(terms("exact", 6), request)).isNotEqualTo(purchase);
        assertThat(PaymentIdentifier.fingerprint(terms("exact", 5), Hash.sha256(new byte[] {2}))).isNotEqualTo(purchase);
    }
}
