package network.nyxos.escrow.job;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;

/// Model ids: the same weights, tokenizer and engine give the same id everywhere, and nothing else does.
public final class ModelId {
    private static final Pattern SERVICE = Pattern.compile("[a-z0-9][a-z0-9_-]{0,47}");

    private ModelId() {
    }

    /// `H("nyxos:model:v1" ‖ weights ‖ tokenizer ‖ engine)`.
    ///
    /// @param weights   for the engine `nyx-int8-v1` the root over the weights, for others SHA-256 of the weights file
    /// @param tokenizer for the engine `nyx-int8-v1` {@link #template}, for others {@link #tokenizer}
    /// @param engine    the engine's specification string, for example `nyx-int8-v1`
    public static Hash of(Hash weights, Hash tokenizer, String engine) {
        return Hash.domain("nyxos:model:v1", weights.bytes(), tokenizer.bytes(), engine.getBytes(StandardCharsets.UTF_8));
    }

    /// The id of a service, which has no weights: that of its name. Who sells it is for gateways to say.
    ///
    /// @param name 1 to 48 small letters, digits, - and _, a letter or digit first: it is a part of a path, and of the name of a tool
    /// @throws ProtocolException `service_name`
    public static Hash ofService(String name) {
        if (!SERVICE.matcher(name).matches()) {
            throw new ProtocolException("service_name", "a service's name has 1 to 48 small letters, digits, - and _, a letter or digit first; this is '" + name + "'");
        }
        return of(Hash.sha256(name.getBytes(StandardCharsets.UTF_8)), Hash.ZERO, "service");
    }

    /// The hash of a tokenizer: each token as `u32 length ‖ bytes`, then the merges likewise.
    ///
    /// @param tokens in the order of their ids
    /// @param merges in the order of their ranks
    public static Hash tokenizer(List<byte[]> tokens, List<byte[]> merges) {
        MessageDigest digest = Hash.digest();
        tokens.forEach(token -> add(digest, token));
        merges.forEach(merge -> add(digest, merge));
        return Hash.finish(digest);
    }

    /// A tokenizer with what else decides how texts become ids and where a reply ends: `H("nyxos:reading:v1" ‖ tokenizer ‖ u32 length ‖ pre ‖ end u32 ‖ each type u8)`.
    ///
    /// @param tokenizer {@link #tokenizer}
    /// @param pre       how texts are cut into words, by GGUF's name
    /// @param types     of each token, by GGUF's numbers, 0 to 255
    /// @param end       the id of the token that ends a reply
    public static Hash reading(Hash tokenizer, String pre, List<Long> types, int end) {
        byte[] name = pre.getBytes(StandardCharsets.UTF_8);
        ByteBuffer rest = ByteBuffer.allocate(2 * Integer.BYTES + name.length + types.size()).order(ByteOrder.LITTLE_ENDIAN).putInt(name.length).put(name).putInt(end);
        types.forEach(type -> rest.put((byte) (long) type));
        return Hash.domain("nyxos:reading:v1", tokenizer.bytes(), rest.array());
    }

    /// The same with a template of ChatML: `H("nyxos:template:v1" ‖ reading ‖ system)`. Two files of one id give the same ids for the same chat, so that whoever
    /// replays a chat from its text judges nobody by another file's habits.
    ///
    /// @param reading {@link #reading}
    /// @param system  the system prompt of chats that begin with none; absent is another id than empty
    public static Hash template(Hash reading, Optional<String> system) {
        return Hash.domain("nyxos:template:v1", reading.bytes(), system.map(text -> ("=" + text).getBytes(StandardCharsets.UTF_8)).orElse(new byte[0]));
    }

    private static void add(MessageDigest digest, byte[] bytes) {
        digest.update(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(bytes.length).array());
        digest.update(bytes);
    }
}
