package network.nyxos.gateway.client;

import com.fasterxml.jackson.databind.JsonNode;
import network.nyxos.escrow.crypto.Hash;

/** Pays an offer. */
public interface Payer {

    /** Whether this payer can take the offer. */
    boolean takes(Offer offer);

    /**
     * Signs for one request.
     *
     * @param offer       an offer it takes
     * @param requestHash of method, path and body ({@link network.nyxos.escrow.voucher.RequestBinding#requestHash})
     */
    Signed sign(Offer offer, Hash requestHash);

    /** A signed payment, and what its payer must learn of the end. */
    interface Signed {

        /** The scheme's payload, as the payment carries it. */
        JsonNode payload();

        /**
         * The request has ended.
         *
         * @param reply what the gateway said of it
         */
        void ended(Reply reply);
    }
}
