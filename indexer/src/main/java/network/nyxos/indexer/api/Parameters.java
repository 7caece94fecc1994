package network.nyxos.indexer.api;

import io.helidon.webserver.http.ServerRequest;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import software.sava.core.accounts.PublicKey;

/// What a request asks for. Everything is checked before it is used, and a misspelt parameter is refused instead of ignored.
final class Parameters {
    static final int DEFAULT_LIMIT = 50;
    static final int MAX_LIMIT = 100;
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,18}");
    private static final Pattern U64 = Pattern.compile("[0-9]{1,20}");
    private static final Pattern JOB = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern NAME = Pattern.compile("[A-Za-z]{1,40}");

    private final ServerRequest request;

    /// @param known the query parameters that this request may have
    Parameters(ServerRequest request, Set<String> known) {
        this.request = request;
        for (String name : request.query().names()) {
            if (!known.contains(name)) {
                throw new ApiException(400, "parameter_unknown", "There is no parameter '" + printable(name) + "' here; there are: "
                    + (known.isEmpty() ? "none" : String.join(", ", known.stream().sorted().toList())) + ".");
            }
        }
    }

    private static String printable(String text) {
        String shown = text.replaceAll("[^\\p{Alnum}_-]", "?");
        return shown.length() > 40 ? shown.substring(0, 40) + "…" : shown;
    }

    private Optional<String> query(String name) {
        return request.query().first(name).asOptional();
    }

    int limit() {
        return query("limit").map(text -> {
            if (!NUMBER.matcher(text).matches() || Long.parseLong(text) < 1 || Long.parseLong(text) > MAX_LIMIT) {
                throw new ApiException(400, "limit_invalid", "limit is a number from 1 to " + MAX_LIMIT + ".");
            }
            return Integer.parseInt(text);
        }).orElse(DEFAULT_LIMIT);
    }

    Optional<Long> after() {
        return query("after").map(text -> {
            if (!NUMBER.matcher(text).matches()) {
                throw new ApiException(400, "cursor_invalid", "after is the 'next' of the page before.");
            }
            return Long.parseLong(text);
        });
    }

    Optional<String> key(String name) {
        return query(name).map(text -> requireKey(name, text));
    }

    /// 32 bytes in lower-case hex.
    Optional<String> hash(String name) {
        return query(name).map(text -> {
            if (!text.matches("[0-9a-f]{64}")) {
                throw new ApiException(400, "parameter_invalid", name + " is 32 bytes in lower-case hex.");
            }
            return text;
        });
    }

    Optional<String> name(String name) {
        return query(name).map(text -> {
            if (!NAME.matcher(text).matches()) {
                throw new ApiException(400, "parameter_invalid", name + " is a name in letters.");
            }
            return text;
        });
    }

    Optional<String> oneOf(String name, Set<String> choices) {
        return query(name).map(text -> {
            if (!choices.contains(text)) {
                throw new ApiException(400, "parameter_invalid", name + " is one of: " + String.join(", ", choices.stream().sorted().toList()) + ".");
            }
            return text;
        });
    }

    String pathKey(String name) {
        return requireKey(name, request.path().pathParameters().get(name));
    }

    String pathSeq(String name) {
        String text = request.path().pathParameters().get(name);
        if (!U64.matcher(text).matches()) {
            throw new ApiException(400, "sequence_invalid", "A batch's sequence is a number from 1.");
        }
        return text;
    }

    String pathJob(String name) {
        String text = request.path().pathParameters().get(name);
        if (!JOB.matcher(text).matches()) {
            throw new ApiException(400, "job_id_invalid", "A job id is 64 lower-case hexadecimal digits.");
        }
        return text;
    }

    private static String requireKey(String name, String text) {
        try {
            if (text.length() >= 32 && text.length() <= 44) {
                return PublicKey.fromBase58Encoded(text).toBase58();
            }
        } catch (RuntimeException _) {
            // Reported below, like a wrong length.
        }
        throw new ApiException(400, "key_invalid", name + " is a base58 public key of 32 bytes.");
    }
}
