package network.nyxos.gateway.link;

import network.nyxos.escrow.wire.WireMessage;

/// What a node says about one job.
public sealed interface NodeEvent {
    /// It does the job.
    record Accepted() implements NodeEvent {
    }

    /// It does not; another may.
    record Rejected(String code, String message) implements NodeEvent {
    }

    /// A part of the reply.
    sealed interface Part extends NodeEvent {
    }

    /// A vector.
    record Vector(WireMessage.Vector vector) implements Part {
    }

    /// What a service said.
    record Output(WireMessage.Output output) implements Part {
    }

    /// More text.
    record Delta(WireMessage.Delta delta) implements Part {
        @Override
        public String toString() {
            return delta.toString();
        }
    }

    /// It is done.
    record Done(WireMessage.Done done) implements NodeEvent {
    }

    /// It could not do it.
    record Failed(String code, String message) implements NodeEvent {
    }

    /// The connection is gone.
    record Lost() implements NodeEvent {
    }
}
