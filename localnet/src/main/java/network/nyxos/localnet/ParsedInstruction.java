package network.nyxos.localnet;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import software.sava.core.accounts.PublicKey;
import software.sava.core.encoding.Base58;

/**
 * Instructions in the jsonParsed form: transfers of lamports and tokens and memos are parsed, all others are given
 * with their accounts resolved and their data as it is.
 */
final class ParsedInstruction {

    private static final int SYSTEM_TRANSFER = 2;
    private static final int SYSTEM_TRANSFER_BYTES = 12;
    private static final int TOKEN_TRANSFER = 3;
    private static final int TOKEN_TRANSFER_BYTES = 9;
    private static final int TOKEN_TRANSFER_CHECKED = 12;
    private static final int TOKEN_TRANSFER_CHECKED_BYTES = 10;

    private ParsedInstruction() {
    }

    static ObjectNode of(List<PublicKey> addresses, WireTransaction.CompiledInstruction instruction, int stackHeight) {
        PublicKey program = addresses.get(instruction.program());
        List<String> accounts = new ArrayList<>();
        for (byte index : instruction.accounts()) {
            accounts.add(addresses.get(Byte.toUnsignedInt(index)).toBase58());
        }
        return parsed(program, accounts, instruction.data())
                .orElseGet(() -> {
                    ObjectNode node = Json.object();
                    ArrayNode list = node.putArray("accounts");
                    accounts.forEach(list::add);
                    return node.put("data", Base58.encode(instruction.data()));
                })
                .put("programId", program.toBase58())
                .put("stackHeight", stackHeight);
    }

    private static Optional<ObjectNode> parsed(PublicKey program, List<String> accounts, byte[] data) {
        ByteBuffer in = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
        if (Memos.isMemoProgram(program)) {
            return Optional.of(Json.object().put("parsed", new String(data, StandardCharsets.UTF_8)).put("program", "spl-memo"));
        }
        if (program.equals(LocalChain.SYSTEM_PROGRAM)) {
            if (data.length != SYSTEM_TRANSFER_BYTES || in.getInt(0) != SYSTEM_TRANSFER || accounts.size() < 2) {
                return Optional.empty();
            }
            ObjectNode info = Json.object().put("source", accounts.get(0)).put("destination", accounts.get(1));
            info.set("lamports", Json.u64(in.getLong(4)));
            return Optional.of(typed("system", "transfer", info));
        }
        if (!TokenState.isTokenProgram(program) || data.length == 0) {
            return Optional.empty();
        }
        String name = program.equals(TokenState.TOKEN) ? "spl-token" : "spl-token-2022";
        if (data[0] == TOKEN_TRANSFER && data.length == TOKEN_TRANSFER_BYTES && accounts.size() >= 3) {
            ObjectNode info = Json.object().put("source", accounts.get(0)).put("destination", accounts.get(1))
                    .put("amount", Long.toUnsignedString(in.getLong(1)));
            return Optional.of(typed(name, "transfer", withAuthority(info, accounts, 2)));
        }
        if (data[0] == TOKEN_TRANSFER_CHECKED && data.length == TOKEN_TRANSFER_CHECKED_BYTES && accounts.size() >= 4) {
            ObjectNode info = Json.object().put("source", accounts.get(0)).put("mint", accounts.get(1)).put("destination", accounts.get(2));
            info.set("tokenAmount", Json.tokenAmount(in.getLong(1), Byte.toUnsignedInt(data[9])));
            return Optional.of(typed(name, "transferChecked", withAuthority(info, accounts, 3)));
        }
        return Optional.empty();
    }

    /** The authority, or the multisig with those who signed for it. */
    private static ObjectNode withAuthority(ObjectNode info, List<String> accounts, int index) {
        if (accounts.size() == index + 1) {
            return info.put("authority", accounts.get(index));
        }
        info.put("multisigAuthority", accounts.get(index));
        ArrayNode signers = info.putArray("signers");
        accounts.subList(index + 1, accounts.size()).forEach(signers::add);
        return info;
    }

    private static ObjectNode typed(String program, String type, ObjectNode info) {
        ObjectNode node = Json.object();
        node.putObject("parsed").put("type", type).set("info", info);
        return node.put("program", program);
    }
}
