package network.nyxos.relayer.credit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.tree.Credit;
import network.nyxos.escrow.tree.CreditKind;
import org.junit.jupiter.api.Test;
import software.sava.core.accounts.PublicKey;

/// The ledger takes lines only with what pays for them.
class CreditLedgerTest {
    private static final PublicKey A = Keypair.generate().publicKey();
    private static final PublicKey B = Keypair.generate().publicKey();

    private static CreditLine line(PublicKey payee, CreditKind kind, long amount) {
        return new CreditLine(Hash.ZERO, payee, kind, amount);
    }

    @Test
    void credits_grow_by_their_lines() {
        CreditLedger one = CreditLedger.EMPTY.plus(List.of(line(A, CreditKind.NODE, 98), line(B, CreditKind.TREASURY, 2)), 100);
        CreditLedger two = one.plus(List.of(line(A, CreditKind.NODE, 10), line(A, CreditKind.REFUND, 5)), 15);
        assertThat(two.of(A, CreditKind.NODE)).isEqualTo(108);
        assertThat(two.of(A, CreditKind.REFUND)).isEqualTo(5);
        assertThat(two.of(B, CreditKind.TREASURY)).isEqualTo(2);
        assertThat(two.sum()).isEqualTo(115);
        assertThat(one.sum()).as("a ledger never changes").isEqualTo(100);
    }

    @Test
    void lines_that_are_not_paid_for_are_refused() {
        assertThatThrownBy(() -> CreditLedger.EMPTY.plus(List.of(line(A, CreditKind.NODE, 101)), 100)).isInstanceOf(ProtocolException.class)
            .extracting("code").isEqualTo("ledger_unbalanced");
        assertThatThrownBy(() -> CreditLedger.EMPTY.plus(List.of(line(A, CreditKind.NODE, 99)), 100)).as("nothing may be stranded")
            .isInstanceOf(ProtocolException.class);
    }

    @Test
    void sums_never_wrap() {
        CreditLedger full = CreditLedger.of(List.of(new Credit(A, CreditKind.NODE, Long.MAX_VALUE)));
        assertThatThrownBy(() -> full.plus(List.of(line(A, CreditKind.NODE, 1)), 1)).extracting("code").isEqualTo("amount_overflow");
        assertThatThrownBy(() -> full.plus(List.of(line(B, CreditKind.NODE, 1)), 1)).extracting("code").isEqualTo("amount_overflow");
        assertThatThrownBy(() -> CreditLedger.of(List.of(new Credit(A, CreditKind.NODE, 1), new Credit(A, CreditKind.NODE, 2)))).extracting("code")
            .isEqualTo("credit_double");
    }
}
