package network.nyxos.relayer.chain;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.program.RegisteredModel;
import network.nyxos.escrow.program.registry.RegistryEvent;
import network.nyxos.relayer.credit.CreditRules;
import software.sava.core.accounts.PublicKey;

/// What models' royalties were at slots gone by, from the events of their accounts.
final class ModelHistory {
    private final ProgramEvents<RegistryEvent> events;

    /// @param program the registry program
    ModelHistory(SolanaRpc rpc, PublicKey program) {
        this.events = new ProgramEvents<>(rpc, program, RegistryEvent::decode);
    }

    /// The royalties that may have been read at a slot: one, or several where the model was changed within that slot.
    ///
    /// @param account the model's account
    Set<Optional<CreditRules.Royalty>> royalties(Hash model, PublicKey account, long slot) {
        var possible = new HashSet<Optional<CreditRules.Royalty>>();
        Optional<RegisteredModel> now = Optional.empty();
        possible.add(Optional.empty());
        for (ProgramEvents.At<RegistryEvent> told : events.of(account)) {
            if (told.slot() > slot) {
                break;
            }
            now = after(now, model, account, told.event());
            if (told.slot() < slot) {
                possible.clear();
            }
            possible.add(now.flatMap(facts -> CreditRules.Royalty.of(facts, slot)));
        }
        return Set.copyOf(possible);
    }

    private static Optional<RegisteredModel> after(Optional<RegisteredModel> before, Hash model, PublicKey account, RegistryEvent event) {
        return switch (event) {
            case RegistryEvent.ModelRegistered it when it.model().equals(account) ->
                Optional.of(new RegisteredModel(model, it.publisher(), it.payee(), false, it.royaltyBps(), 0, 0, it.measurements()));
            case RegistryEvent.ModelUpdated it when it.model().equals(account) -> before.map(facts -> new RegisteredModel(model, facts.publisher(), it.payee(),
                facts.retired(), it.royaltyBps(), it.pendingRoyaltyBps(), it.pendingSlot(), it.measurements()));
            case RegistryEvent.ModelRetired it when it.model().equals(account) -> before.map(facts -> new RegisteredModel(model, facts.publisher(), facts.payee(), true,
                facts.royaltyBps(), facts.pendingBps(), facts.pendingSlot(), facts.measurements()));
            default -> before;
        };
    }
}
