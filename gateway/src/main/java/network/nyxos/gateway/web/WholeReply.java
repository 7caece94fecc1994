package network.nyxos.gateway.web;

import network.nyxos.gateway.job.ReplySink;

/// A reply that is sent when it is whole.
final class WholeReply implements ReplySink {
    private final StringBuilder text = new StringBuilder();

    @Override
    public void text(String more) {
        text.append(more);
    }

    @Override
    public boolean restart() {
        text.setLength(0);
        return true;
    }

    /// The reply itself, for the client.
    @Override
    public String toString() {
        return text.toString();
    }
}
