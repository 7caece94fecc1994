package network.nyxos.escrow.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import network.nyxos.escrow.Samples;
import network.nyxos.escrow.borsh.BorshException;
import network.nyxos.escrow.crypto.Ed25519;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.program.escrow.Batch;
import network.nyxos.escrow.program.escrow.Claim;
import network.nyxos.escrow.program.escrow.Escrow;
import network.nyxos.escrow.program.escrow.EscrowError;
import network.nyxos.escrow.program.escrow.EscrowEvent;
import network.nyxos.escrow.program.escrow.EscrowInstruction;
import network.nyxos.escrow.program.escrow.Leaf;
import network.nyxos.escrow.program.escrow.Market;
import network.nyxos.escrow.program.escrow.Pool;
import network.nyxos.escrow.program.escrow.Poster;
import network.nyxos.escrow.program.escrow.ProofNode;
import network.nyxos.escrow.program.escrow.SettledEntry;
import network.nyxos.escrow.program.escrow.Unspent;
import network.nyxos.escrow.program.registry.Config;
import network.nyxos.escrow.program.registry.Dispute;
import network.nyxos.escrow.program.registry.Model;
import network.nyxos.escrow.program.registry.Node;
import network.nyxos.escrow.program.registry.RegistryEvent;
import network.nyxos.escrow.program.registry.RegistryInstruction;
import network.nyxos.escrow.program.registry.VerifierProposal;
import network.nyxos.escrow.token.Ed25519Instruction;
import network.nyxos.escrow.token.WellKnown;
import network.nyxos.escrow.tree.CreditKind;
import org.junit.jupiter.api.Test;
import software.sava.core.accounts.PublicKey;
import software.sava.core.accounts.meta.AccountMeta;
import software.sava.core.tx.Instruction;

class ProgramTest {
    private final Samples samples = new Samples(1);

    @Test
    void account_layouts_are_the_documented_ones() {
        assertThat(List.of(Config.SIZE, VerifierProposal.SIZE, Model.SIZE, Node.SIZE, Market.SIZE, Pool.SIZE, Escrow.SIZE, Batch.SIZE, Claim.SIZE,
            Poster.SIZE, Leaf.SIZE, Dispute.SIZE)).containsExactly(432, 344, 448, 464, 712, 352, 280, 240, 136, 160, 144, 1840);
        assertThat(List.of(Config.OFFSET_MIN_BOND, Config.OFFSET_VERIFIERS, Node.OFFSET_PAYOUT, Node.OFFSET_BOND, Node.OFFSET_ATTESTATION_MEASUREMENT, Node.OFFSET_SLASHED_TOTAL,
            Config.OFFSET_ANSWER_SLOTS, Node.OFFSET_OPEN_DISPUTES, Dispute.OFFSET_PLACE_HASH, Dispute.OFFSET_SHAPE)).containsExactly(104, 136, 104, 200, 296, 344, 416, 392, 480, 1736);
        assertThat(List.of(Market.OFFSET_CLUSTER, Market.OFFSET_REGISTRY_CONFIG, Market.OFFSET_PAUSED, Market.OFFSET_VERIFIERS, Pool.OFFSET_VAULT, Pool.OFFSET_LAST_POST_SLOT))
            .containsExactly(8, 200, 256, 264, 104, 240);
        assertThat(List.of(Escrow.OFFSET_SESSION_KEY, Escrow.OFFSET_SESSION_LIMIT, Escrow.OFFSET_COLLECTED, Pool.OFFSET_UNCOLLECTED, Batch.OFFSET_SEQ, Batch.OFFSET_CREDIT_ROOT, Batch.OFFSET_FINAL_SLOT, Claim.OFFSET_LAST_SEQ))
            .containsExactly(104, 208, 216, 248, 104, 144, 200, 112);
    }

    private Escrow escrow() {
        return new Escrow(254, 1, 1, samples.key(), samples.key(), samples.key(), samples.key(), samples.key(), samples.amount(), samples.amount(), samples.amount(), 0,
            samples.amount(), -1, samples.amount(), samples.key());
    }

    @Test
    void accounts_read_back_and_anything_else_is_refused() {
        Escrow escrow = escrow();
        byte[] data = escrow.encode();
        assertThat(data).hasSize(Escrow.SIZE).startsWith(3, 1, 254, 1);
        assertThat(Escrow.decode(data)).isEqualTo(escrow);
        assertThatThrownBy(() -> Escrow.decode(Arrays.copyOf(data, data.length - 1))).isInstanceOf(BorshException.class);
        assertThatThrownBy(() -> Escrow.decode(Arrays.copyOf(data, data.length + 1))).isInstanceOf(BorshException.class);
        assertThatThrownBy(() -> Escrow.decode(new byte[0])).isInstanceOf(BorshException.class);
        assertThatThrownBy(() -> Pool.decode(data)).isInstanceOf(BorshException.class);
        byte[] version = data.clone();
        version[1] = 2;
        assertThatThrownBy(() -> Escrow.decode(version)).hasMessageContaining("version");
        byte[] reserved = data.clone();
        reserved[Escrow.SIZE - 1] = 1;
        assertThatThrownBy(() -> Escrow.decode(reserved)).hasMessageContaining("reserved");
        assertThat(Escrow.matches(data)).isTrue();
        assertThat(Pool.matches(data)).isFalse();
    }

    @Test
    void records_with_arrays_and_lists_are_values() {
        byte[] measurement = samples.bytes(48);
        var one = new Node(255, 1, 7, 1, samples.key(), samples.key(), samples.key(), samples.key(), samples.key(), PublicKey.NONE, 1, 2, 3, samples.key(), 4,
            samples.hash(), measurement, 5, 6, samples.hash(), 5, samples.key(), 6);
        Node other = Node.decode(one.encode());
        assertThat(other).isEqualTo(one).hasSameHashCodeAs(one);
        measurement[0]++;
        one.attestationMeasurement()[1]++;
        assertThat(other).isEqualTo(one);
        assertThat(one.toString()).contains("attestationMeasurement=");
        var config = new Config(1, 2, 3, samples.key(), samples.key(), samples.key(), 4, 5, 6, 2, 1, Collections.nCopies(7, samples.key()), PublicKey.NONE, 1, 7, 8, 9);
        assertThat(Config.decode(config.encode())).isEqualTo(config);
        assertThatThrownBy(() -> new Config(1, 2, 3, samples.key(), samples.key(), samples.key(), 4, 5, 6, 2, 1, List.of(), PublicKey.NONE, 0, 7, 8, 9).encode()).isInstanceOf(BorshException.class);
    }

    @Test
    void instructions_read_back_with_their_accounts() {
        var claim = new EscrowInstruction.Claim(1, 500, 3, List.of(new ProofNode(samples.hash(), 7), new ProofNode(samples.hash(), 0)));
        assertThat(EscrowInstruction.decode(claim.encode())).isEqualTo(claim);
        assertThat(claim.encode()[0]).isEqualTo((byte) 10);
        var settle = new EscrowInstruction.SettleVouchers(new Unspent(List.of(1L, 128L, -1L)));
        assertThat(settle.encode()).containsExactly(5, 1, 0x80, 1, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1);
        assertThat(EscrowInstruction.decode(settle.encode())).isEqualTo(settle);
        for (byte[] malformed : List.of(new byte[] {5, -128}, new byte[] {5, -128, 0}, new byte[] {5, -1, -1, -1, -1, -1, -1, -1, -1, -1, 2})) {
            assertThatThrownBy(() -> EscrowInstruction.decode(malformed)).isInstanceOf(BorshException.class);
        }
        assertThat(List.of(0L, 127L, 128L, 16_383L, 16_384L, Long.MAX_VALUE, -1L)).extracting(Unspent::length).containsExactly(1, 1, 2, 2, 3, 9, 10);
        var record = new RegistryInstruction.RecordAttestation(1, samples.bytes(48), samples.hash(), samples.key(), samples.key(), 9);
        assertThat(RegistryInstruction.decode(record.encode())).isEqualTo(record);
        assertThatThrownBy(() -> EscrowInstruction.decode(Arrays.copyOf(claim.encode(), claim.encode().length + 1))).isInstanceOf(BorshException.class);
        assertThatThrownBy(() -> EscrowInstruction.decode(new byte[] {99})).isInstanceOf(BorshException.class);
        assertThatThrownBy(() -> EscrowInstruction.decode(new byte[0])).isInstanceOf(BorshException.class);

        var accounts = new EscrowInstruction.SettleVouchers.Accounts(samples.key(), Programs.LOCAL.escrow());
        Instruction instruction = settle.instruction(Programs.LOCAL.escrow(), accounts, List.of(AccountMeta.createWrite(samples.key())));
        List<PublicKey> keys = instruction.accounts().stream().map(AccountMeta::publicKey).toList();
        assertThat(keys).hasSize(4);
        assertThat(keys.get(1)).isEqualTo(WellKnown.INSTRUCTIONS_SYSVAR);
        assertThat(EscrowInstruction.SettleVouchers.Accounts.of(keys)).isEqualTo(accounts);
        assertThat(instruction.accounts().getFirst().signer()).isTrue();
        assertThat(instruction.accounts().get(3).write()).isTrue();
        assertThatThrownBy(() -> EscrowInstruction.SettleVouchers.Accounts.of(keys.subList(0, 2))).isInstanceOf(BorshException.class);
    }

    @Test
    void events_are_told_from_instructions_by_their_tag() {
        var event = new EscrowEvent.VouchersSettled(samples.key(), List.of(new SettledEntry(samples.key(), 5, 5, 0), new SettledEntry(samples.key(), 9, 0, 6061)));
        byte[] data = concat(EscrowEvent.tag(), event.encode());
        assertThat(Arrays.copyOf(data, 9)).containsExactly(0xe4, 0x45, 0xa5, 0x2e, 0x51, 0xcb, 0x9a, 0x1d, 5);
        assertThat(EscrowEvent.decode(data)).contains(event);
        assertThat(event.eventName()).isEqualTo("VouchersSettled");
        assertThat(EscrowEvent.decode(new EscrowInstruction.Deposit(5).encode())).isEmpty();
        assertThat(EscrowEvent.decode(new byte[3])).isEmpty();
        assertThatThrownBy(() -> EscrowEvent.decode(Arrays.copyOf(data, data.length + 1))).isInstanceOf(BorshException.class);
        assertThatThrownBy(() -> EscrowEvent.decode(concat(EscrowEvent.tag(), new byte[] {77}))).hasMessageContaining("unknown event");
        var slashed = new RegistryEvent.NodeSlashed(samples.key(), 6, 1, 2, 3, samples.hash(), 4);
        assertThat(RegistryEvent.decode(concat(RegistryEvent.tag(), slashed.encode()))).contains(slashed);
    }

    private static byte[] concat(byte[] a, byte[] b) {
        byte[] joined = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, joined, a.length, b.length);
        return joined;
    }

    @Test
    void errors_are_found_by_their_number() {
        assertThat(EscrowError.of(6061)).contains(EscrowError.VOUCHER_EXCEEDED);
        assertThat(EscrowError.of(1)).isEmpty();
        assertThat(EscrowError.VOUCHER_EXCEEDED.message()).isNotEmpty();
        assertThat(EscrowError.VOUCHER_EXCEEDED.idlName()).isEqualTo("VoucherExceeded");
    }

    @Test
    void addresses_are_those_of_an_independent_library() {
        PublicKey a = samples.key();
        PublicKey b = samples.key();
        PublicKey c = samples.key();
        PublicKey d = samples.key();
        Hash cluster = samples.hash();
        Programs programs = Programs.LOCAL;
        assertThat(programs.config(a, 0x0102)).isEqualTo(oracle(programs.registry(), seed("config"), bytes(a), new byte[] {2, 1}));
        assertThat(programs.bondVault(a)).isEqualTo(oracle(programs.registry(), seed("bonds"), bytes(a)));
        assertThat(programs.registryProposal(a)).isEqualTo(oracle(programs.registry(), seed("verifiers"), bytes(a)));
        assertThat(programs.model(a, cluster)).isEqualTo(oracle(programs.registry(), seed("model"), bytes(a), cluster.bytes()));
        assertThat(programs.node(a, b)).isEqualTo(oracle(programs.registry(), seed("node"), bytes(a), bytes(b)));
        assertThat(programs.market(cluster, a, 1)).isEqualTo(oracle(programs.escrow(), seed("market"), cluster.bytes(), bytes(a), new byte[] {1, 0}));
        assertThat(programs.pool(a, b)).isEqualTo(oracle(programs.escrow(), seed("pool"), bytes(a), bytes(b)));
        assertThat(programs.job(a, b, 7)).isEqualTo(oracle(programs.escrow(), seed("job"), bytes(a), bytes(b), new byte[] {7, 0, 0, 0, 0, 0, 0, 0}));
        assertThat(programs.payment(a, b, cluster)).isEqualTo(oracle(programs.escrow(), seed("payment"), bytes(a), bytes(b), cluster.bytes()));
        assertThat(programs.direct(a, cluster)).isEqualTo(oracle(programs.escrow(), seed("direct"), bytes(a), cluster.bytes()));
        assertThat(programs.terms(a)).isEqualTo(oracle(programs.escrow(), seed("terms"), bytes(a)));
        assertThat(programs.depositVault(a)).isEqualTo(oracle(programs.escrow(), seed("deposits"), bytes(a)));
        assertThat(programs.escrow(a, b, c, 5)).isEqualTo(oracle(programs.escrow(), seed("escrow"), bytes(a), bytes(b), bytes(c), new byte[] {5, 0, 0, 0, 0, 0, 0, 0}));
        assertThat(programs.prepaid(a, b, c, d, 5)).isEqualTo(
            oracle(programs.escrow(), seed("prepaid"), bytes(a), bytes(b), bytes(c), bytes(d), new byte[] {5, 0, 0, 0, 0, 0, 0, 0}));
        assertThat(programs.batch(a, 256)).isEqualTo(oracle(programs.escrow(), seed("batch"), bytes(a), new byte[] {0, 1, 0, 0, 0, 0, 0, 0}));
        assertThat(programs.claim(a, b, CreditKind.REFUND)).isEqualTo(oracle(programs.escrow(), seed("claim"), bytes(a), bytes(b), new byte[] {5}));
        assertThat(programs.escrowEventAuthority()).isEqualTo(oracle(programs.escrow(), seed("__event_authority")));
        assertThat(programs.registryEventAuthority()).isEqualTo(oracle(programs.registry(), seed("__event_authority")));
    }

    private static byte[] seed(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] bytes(PublicKey key) {
        return key.toByteArray();
    }

    private static PublicKey oracle(PublicKey program, byte[]... seeds) {
        return PublicKey.fromBase58Encoded(org.p2p.solanaj.core.PublicKey.findProgramAddress(List.of(seeds),
            new org.p2p.solanaj.core.PublicKey(program.toByteArray())).getAddress().toBase58());
    }

    @Test
    void a_quorum_stands_before_the_instruction_and_its_signatures_are_over_the_digest() {
        Keypair first = samples.keypair();
        Keypair second = samples.keypair();
        Hash digest = Digests.voidBatch(Programs.LOCAL.escrow(), samples.key(), samples.hash(), 3);
        var quorum = new Quorum(digest, Map.of(first.publicKey(), first.sign(digest), second.publicKey(), second.sign(digest)));
        var pool = new MarketCalls(Programs.LOCAL, samples.key(), samples.key()).pool(samples.key(), WellKnown.TOKEN);
        List<Instruction> instructions = pool.voidBatch(1, 3, quorum);
        assertThat(instructions.getFirst().programId().publicKey()).isEqualTo(WellKnown.ED25519);
        List<Ed25519Instruction.Entry> entries = Ed25519Instruction.decode(instructions.getFirst().copyData());
        assertThat(entries).extracting(Ed25519Instruction.Entry::key).containsExactlyInAnyOrder(first.publicKey(), second.publicKey());
        assertThat(entries).allSatisfy(entry -> assertThat(Ed25519.fastest().verify(entry.key(), digest.bytes(), entry.signature())).isTrue());
        // One message for both signatures: header, offsets, keys with signatures, 32 bytes.
        assertThat(instructions.getFirst().copyData()).hasSize(2 + 2 * 14 + 2 * 96 + 32);
    }

    @Test
    void registering_fills_in_what_follows_from_the_config() {
        var registry = new RegistryCalls(Programs.LOCAL, samples.key(), samples.key(), WellKnown.TOKEN_2022);
        PublicKey node = samples.key();
        Instruction register = registry.register(samples.key(), samples.key(), node, Set.of(Tier.OPEN, Tier.VERIFIED), samples.key(), PublicKey.NONE, samples.key(), 5);
        assertThat(((RegistryInstruction.RegisterNode) RegistryInstruction.decode(register.copyData())).tiers()).isEqualTo(3);
        assertThat(register.accounts().get(4).publicKey()).isEqualTo(registry.node(node));
        assertThat(register.accounts().get(9).publicKey()).isEqualTo(WellKnown.SYSTEM);
    }
}
