package network.nyxos.cli.governance;

import com.fasterxml.jackson.databind.node.TextNode;
import network.nyxos.cli.attach.Sheet;

/** How an authority and its offer read. */
final class AuthorityText {

    private AuthorityText() {
    }

    static void put(Sheet sheet, Governed governed) {
        sheet.put("authority", governed.authority());
        governed.nominee().ifPresent(nominee -> sheet.put("offered to", TextNode.valueOf(nominee.toBase58()), nominee + ", who may take it with `nyxos " + governed.kind() + " authority accept`"));
    }
}
