package network.nyxos.gateway.job;

import java.util.Optional;
import network.nyxos.escrow.format.Recogniser;

/// Follows one reply of a node, which is to have a form: what a client pays for is checked before it is passed on.
final class FormCheck {
    private record Followed(Recogniser recogniser, Recogniser.State state) {
        Followed after(String text) {
            return new Followed(recogniser, state.alive() ? recogniser.next(state, text) : state);
        }
    }

    private Optional<Followed> followed;

    /// @param form what form it is to have; empty: any
    FormCheck(Optional<Recogniser> form) {
        this.followed = form.map(recogniser -> new Followed(recogniser, recogniser.start()));
    }

    /// Takes more of the reply.
    ///
    /// @return whether what there is of it can become whole
    boolean holds(String text) {
        followed = followed.map(before -> before.after(text));
        return followed.map(now -> now.state.alive()).orElse(true);
    }

    /// Whether the reply has its form as it is.
    boolean whole() {
        return followed.map(now -> now.state.complete()).orElse(true);
    }
}
