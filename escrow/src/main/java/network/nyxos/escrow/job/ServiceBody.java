package network.nyxos.escrow.job;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;

/// What is said to a service, or what it said: one JSON value in UTF-8, kept to the byte as it came, since hashes are over these bytes. What it means is between the
/// two who speak; nobody on the way looks further than that it is JSON. Its `toString` shows nothing of it.
public final class ServiceBody {
    /// The most bytes of a request.
    public static final int MAX_REQUEST = 64 * 1024;
    /// The most bytes of a reply; as base64 it fits into a frame of the node link.
    public static final int MAX_REPLY = 512 * 1024;
    private static final int MAX_NESTING = 200;
    private static final JsonFactory JSON = JsonFactory.builder().streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(MAX_NESTING).build()).build();

    private enum Side {
        REQUEST("nyxos:service-request:v1", "request", MAX_REQUEST), REPLY("nyxos:service-reply:v1", "reply", MAX_REPLY);

        private final String domain;
        private final String called;
        private final int most;

        Side(String domain, String called, int most) {
            this.domain = domain;
            this.called = called;
            this.most = most;
        }
    }

    private final Side side;
    private final byte[] bytes;

    private ServiceBody(Side side, byte[] bytes) {
        this.side = side;
        this.bytes = bytes;
    }

    /// What is said to a service. Copies.
    ///
    /// @throws ProtocolException `service_request_too_large` for more than {@value #MAX_REQUEST} bytes, `service_request_invalid` for what is not one JSON value in UTF-8
    public static ServiceBody request(byte[] bytes) {
        return of(Side.REQUEST, bytes);
    }

    /// What a service said. Copies.
    ///
    /// @throws ProtocolException `service_reply_too_large` for more than {@value #MAX_REPLY} bytes, `service_reply_invalid` for what is not one JSON value in UTF-8
    public static ServiceBody reply(byte[] bytes) {
        return of(Side.REPLY, bytes);
    }

    private static ServiceBody of(Side side, byte[] bytes) {
        if (bytes.length > side.most) {
            throw new ProtocolException("service_" + side.called + "_too_large", "the " + side.called + " of a service has at most " + side.most + " bytes, not " + bytes.length);
        }
        if (!json(bytes)) {
            throw new ProtocolException("service_" + side.called + "_invalid", "the " + side.called + " of a service is one JSON value in UTF-8, nested " + MAX_NESTING + " deep at most");
        }
        return new ServiceBody(side, bytes.clone());
    }

    /// Nothing of an error is told: a parser's message quotes what it read.
    private static boolean json(byte[] bytes) {
        try (JsonParser parser = JSON.createParser(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString())) {
            if (parser.nextToken() == null) {
                return false;
            }
            parser.skipChildren();
            return parser.nextToken() == null;
        } catch (IOException e) {
            return false;
        }
    }

    /// Its bytes.
    public byte[] bytes() {
        return bytes.clone();
    }

    /// How many bytes it has.
    public int length() {
        return bytes.length;
    }

    /// What a receipt says of it: `H("nyxos:service-request:v1" ‖ bytes)` of a request, `H("nyxos:service-reply:v1" ‖ bytes)` of a reply.
    public Hash hash() {
        return Hash.domain(side.domain, bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ServiceBody that && side == that.side && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return "ServiceBody[" + side.called + ", " + bytes.length + " bytes]";
    }
}
