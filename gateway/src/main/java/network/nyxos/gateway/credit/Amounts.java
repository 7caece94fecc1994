package network.nyxos.gateway.credit;

import java.util.LinkedHashMap;
import java.util.Map;

/// Where the money of an account is, by its journal; base units. All of it together is 0.
///
/// @param paid      what came from outside, as a negative amount
/// @param transit   transferred to the inbox, and not counted by the program yet
/// @param available free to be spent
/// @param reserved  for jobs that run
/// @param spent     charged by jobs, and not settled on chain yet
/// @param settled   settled on chain
/// @param returned  back at the wallet
public record Amounts(long paid, long transit, long available, long reserved, long spent, long settled, long returned) {
    /// What the program has counted, as the journal has it.
    public long deposited() {
        return Math.addExact(Math.addExact(available, reserved), Math.addExact(spent, settled));
    }

    /// Each by its name.
    public Map<String, Long> byName() {
        var all = new LinkedHashMap<String, Long>();
        all.put("paid", paid);
        all.put("transit", transit);
        all.put("available", available);
        all.put("reserved", reserved);
        all.put("spent", spent);
        all.put("settled", settled);
        all.put("returned", returned);
        return all;
    }
}
