package network.nyxos.indexer.decode;

import network.nyxos.escrow.borsh.BorshException;
import network.nyxos.escrow.program.escrow.EscrowEvent;
import network.nyxos.escrow.program.registry.RegistryEvent;

/// What an event says, of either program.
public sealed interface ProgramEvent {
    /// The event's name in the IDL.
    String name();

    /// An event of the registry.
    record OfRegistry(RegistryEvent event) implements ProgramEvent {
        @Override
        public String name() {
            return event.eventName();
        }
    }

    /// An event of the escrow program.
    record OfEscrow(EscrowEvent event) implements ProgramEvent {
        @Override
        public String name() {
            return event.eventName();
        }
    }

    /// Reads an event's data, tag included.
    ///
    /// @throws network.nyxos.escrow.borsh.BorshException when it is no event of this program that is known
    static ProgramEvent decode(Program program, byte[] data) {
        return switch (program) {
            case REGISTRY -> new OfRegistry(RegistryEvent.decode(data).orElseThrow(ProgramEvent::untagged));
            case ESCROW -> new OfEscrow(EscrowEvent.decode(data).orElseThrow(ProgramEvent::untagged));
        };
    }

    private static BorshException untagged() {
        return new BorshException("the data does not start with the event tag");
    }
}
