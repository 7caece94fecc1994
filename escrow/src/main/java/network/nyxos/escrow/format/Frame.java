package network.nyxos.escrow.format;

/// Where a reply stands in one node of the grammar, and in all that this node stands in.
final class Frame {
    /// Nothing is left to come.
    static final Frame DONE = new Frame();

    final Node node;
    /// What of the node was read; its meaning is the node's.
    final int phase;
    /// How many items, or which member.
    final int at;
    /// State of an automaton.
    final int state;
    /// Where it goes on once the node is whole.
    final Frame parent;
    /// How many arrays and objects are open, this one included.
    final int depth;
    private final int hash;

    private Frame() {
        this.node = null;
        this.phase = 0;
        this.at = 0;
        this.state = 0;
        this.parent = null;
        this.depth = 0;
        this.hash = 0;
    }

    private Frame(Node node, int phase, int at, int state, Frame parent, int depth) {
        this.node = node;
        this.phase = phase;
        this.at = at;
        this.state = state;
        this.parent = parent;
        this.depth = depth;
        this.hash = (((System.identityHashCode(node) * 31 + phase) * 31 + at) * 31 + state) * 31 + parent.hash;
    }

    /// A node begins.
    static Frame of(Node node, Frame parent) {
        return new Frame(node, 0, 0, 0, parent, parent.depth + (node.nests() ? 1 : 0));
    }

    Frame in(int newPhase, int newAt, int newState) {
        return new Frame(node, newPhase, newAt, newState, parent, depth);
    }

    @Override
    public boolean equals(Object other) {
        if (this == other) {
            return true;
        }
        return other instanceof Frame that && hash == that.hash && node == that.node && phase == that.phase && at == that.at && state == that.state && this != DONE && that != DONE
            && parent.equals(that.parent);
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
