package network.nyxos.escrow.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import network.nyxos.escrow.Samples;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import software.sava.core.accounts.PublicKey;

class Ed25519Test {
    /// RFC 8032 §7.1: seed, public key, message, signature.
    private static final String[][] RFC_8032 = {
        {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
        {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
        {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7", "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"},
    };
    /// Every encoding, canonical or not, of a point whose order divides 8.
    private static final List<String> SMALL_ORDER = List.of("0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85", "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa", "0100000000000000000000000000000000000000000000000000000000000080",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff");
    private static final byte[] MESSAGE = "pay".getBytes(StandardCharsets.US_ASCII);

    static Stream<Ed25519> present() {
        return Ed25519.present().stream();
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }

    private static Signature signature(byte[] r, BigInteger s) {
        byte[] bytes = Arrays.copyOf(r, 64);
        System.arraycopy(Edwards.little(s), 0, bytes, 32, 32);
        return Signature.of(bytes);
    }

    private static BigInteger challenge(byte[] r, byte[] key) {
        return Edwards.number(Edwards.sha512(r, key, MESSAGE)).mod(Edwards.L);
    }

    @Test
    void the_native_implementation_is_preferred_where_it_loads_and_the_pure_one_is_always_there() {
        assertThat(Ed25519.present().getLast().name()).isEqualTo("BouncyCastle");
        if (System.getProperty("os.name").equals("Linux") && System.getProperty("os.arch").equals("amd64")) {
            assertThat(Ed25519.fastest().name()).isEqualTo("Amazon Corretto");
        }
    }

    @ParameterizedTest
    @MethodSource("present")
    void the_vectors_of_rfc_8032_hold(Ed25519 ed25519) {
        for (String[] vector : RFC_8032) {
            PublicKey key = PublicKey.createPubKey(hex(vector[1]));
            Signature signature = Signature.of(hex(vector[3]));
            assertThat(ed25519.publicKey(hex(vector[0]))).isEqualTo(key);
            assertThat(ed25519.signer(hex(vector[0])).sign(hex(vector[2]))).isEqualTo(signature);
            assertThat(ed25519.verify(key, hex(vector[2]), signature)).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("present")
    void any_changed_bit_of_key_message_or_signature_is_refused(Ed25519 ed25519) {
        var samples = new Samples(1);
        byte[] seed = samples.bytes(32);
        byte[] message = samples.bytes(50);
        byte[] key = ed25519.publicKey(seed).copyByteArray();
        byte[] signature = ed25519.signer(seed).sign(message).bytes();
        for (byte[] part : List.of(key, message, signature)) {
            for (int bit = 0; bit < part.length * 8; bit += 3) {
                part[bit / 8] ^= (byte) (1 << bit % 8);
                assertThat(ed25519.verify(PublicKey.createPubKey(key.clone()), message, Signature.of(signature))).as("bit %d", bit).isFalse();
                part[bit / 8] ^= (byte) (1 << bit % 8);
            }
        }
        assertThat(ed25519.verify(PublicKey.createPubKey(key), message, Signature.of(signature))).isTrue();
    }

    @ParameterizedTest
    @MethodSource("present")
    void s_above_the_group_order_is_refused_though_the_equation_holds(Ed25519 ed25519) {
        byte[] seed = new Samples(2).bytes(32);
        byte[] bytes = ed25519.signer(seed).sign(MESSAGE).bytes();
        BigInteger s = Edwards.number(Arrays.copyOfRange(bytes, 32, 64));
        assertThat(ed25519.verify(ed25519.publicKey(seed), MESSAGE, signature(bytes, s))).isTrue();
        assertThat(ed25519.verify(ed25519.publicKey(seed), MESSAGE, signature(bytes, s.add(Edwards.L)))).isFalse();
    }

    @ParameterizedTest
    @MethodSource("present")
    void a_small_order_key_signs_nothing(Ed25519 ed25519) {
        for (String key : SMALL_ORDER) {
            PublicKey weak = PublicKey.createPubKey(hex(key));
            assertThat(ed25519.isValidKey(weak)).as(key).isFalse();
            for (String r : SMALL_ORDER) {
                assertThat(ed25519.verify(weak, MESSAGE, signature(hex(r), BigInteger.ZERO))).as("key %s, R %s", key, r).isFalse();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("present")
    void a_small_order_R_is_refused(Ed25519 ed25519) {
        byte[] seed = new Samples(3).bytes(32);
        byte[] key = ed25519.publicKey(seed).copyByteArray();
        for (String r : SMALL_ORDER) {
            // s = h·a makes the equation hold for R = identity, and up to the cofactor for the others.
            BigInteger s = challenge(hex(r), key).multiply(Edwards.scalar(seed)).mod(Edwards.L);
            assertThat(ed25519.verify(ed25519.publicKey(seed), MESSAGE, signature(hex(r), s))).as(r).isFalse();
        }
    }

    @ParameterizedTest
    @MethodSource("present")
    void a_small_order_part_in_R_or_in_the_key_is_refused_alike_by_all(Ed25519 ed25519) {
        Edwards.Point torsion = Edwards.decode(hex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"));
        for (int seed = 10; seed < 40; seed++) {
            byte[] secret = new Samples(seed).bytes(32);
            BigInteger a = Edwards.scalar(secret);
            byte[] key = Edwards.BASE.times(a.mod(Edwards.L)).encode();
            assertThat(key).isEqualTo(ed25519.publicKey(secret).copyByteArray());
            BigInteger r = Edwards.number(new Samples(seed + 100).bytes(32)).mod(Edwards.L);
            byte[] plainR = Edwards.BASE.times(r).encode();
            byte[] mixedR = Edwards.BASE.times(r).plus(torsion).encode();
            byte[] mixedKey = Edwards.BASE.times(a.mod(Edwards.L)).plus(torsion).encode();

            assertThat(ed25519.verify(PublicKey.createPubKey(key), MESSAGE, signature(plainR, r.add(challenge(plainR, key).multiply(a)).mod(Edwards.L)))).isTrue();
            assertThat(ed25519.verify(PublicKey.createPubKey(key), MESSAGE, signature(mixedR, r.add(challenge(mixedR, key).multiply(a)).mod(Edwards.L)))).isFalse();
            assertThat(ed25519.verify(PublicKey.createPubKey(mixedKey), MESSAGE,
                signature(plainR, r.add(challenge(plainR, mixedKey).multiply(a)).mod(Edwards.L)))).isFalse();
        }
    }

    @ParameterizedTest
    @MethodSource("present")
    void a_program_address_is_no_key(Ed25519 ed25519) {
        PublicKey address = PublicKey.findProgramAddress(List.of(new byte[] {1}), PublicKey.fromBase58Encoded("NyxosEscrow11111111111111111111111111111111")).publicKey();
        assertThat(ed25519.isValidKey(address)).isFalse();
        assertThat(ed25519.verify(address, MESSAGE, Signature.of(new byte[64]))).isFalse();
    }

    @ParameterizedTest
    @MethodSource("present")
    void a_seed_has_32_bytes(Ed25519 ed25519) {
        assertThatThrownBy(() -> ed25519.signer(new byte[31])).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("31");
        assertThatThrownBy(() -> ed25519.publicKey(new byte[33])).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("33");
    }
}
