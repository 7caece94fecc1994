package network.nyxos.localnet;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;

/** What getProgramAccounts and programSubscribe pick accounts by. */
sealed interface AccountFilter {

    int MAX_FILTERS = 4;
    int MAX_BYTES = 128;

    boolean matches(byte[] data);

    record DataSize(long size) implements AccountFilter {
        @Override
        public boolean matches(byte[] data) {
            return data.length == size;
        }
    }

    record Compare(long offset, byte[] bytes) implements AccountFilter {
        @Override
        public boolean matches(byte[] data) {
            return offset >= 0 && offset <= data.length - bytes.length
                    && Arrays.equals(data, (int) offset, (int) offset + bytes.length, bytes, 0, bytes.length);
        }
    }

    /** Accounts that hold a token account's state, whichever program's. */
    record TokenAccountState() implements AccountFilter {
        @Override
        public boolean matches(byte[] data) {
            return TokenState.read(TokenState.TOKEN_2022, data).filter(TokenState.Holding.class::isInstance).isPresent();
        }
    }

    static List<AccountFilter> read(JsonNode filters) {
        return filters.isMissingNode() ? List.of()
                : RpcParams.list(filters, "filters", MAX_FILTERS).stream().map(AccountFilter::one).toList();
    }

    static boolean all(List<AccountFilter> filters, byte[] data) {
        return filters.stream().allMatch(filter -> filter.matches(data));
    }

    private static AccountFilter one(JsonNode node) {
        if (node.isTextual() && node.textValue().equals("tokenAccountState")) {
            return new TokenAccountState();
        }
        if (node.has("dataSize")) {
            return new DataSize(RpcParams.u64(node.get("dataSize"), "dataSize"));
        }
        if (node.has("memcmp")) {
            JsonNode compare = node.get("memcmp");
            String encoding = compare.path("encoding").asText("base58");
            byte[] bytes = RpcParams.bytes(RpcParams.text(compare.path("bytes"), "memcmp.bytes"), encoding, "memcmp.bytes");
            if (bytes.length > MAX_BYTES) {
                throw RpcException.invalidParams("memcmp.bytes is " + bytes.length + " bytes, at most " + MAX_BYTES + " are allowed");
            }
            return new Compare(RpcParams.u64(compare.path("offset"), "memcmp.offset"), bytes);
        }
        throw RpcException.invalidParams("a filter must be {\"dataSize\":…}, {\"memcmp\":…} or \"tokenAccountState\"");
    }
}
