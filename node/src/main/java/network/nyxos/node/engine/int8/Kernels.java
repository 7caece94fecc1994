package network.nyxos.node.engine.int8;

/**
 * The inner loops. All arithmetic is on ints that the ranges of docs/engine-nyx-int8-v1.md keep from overflowing, so any order of sums gives the same.
 */
interface Kernels {
    /** Positions in one page of keys and values. */
    int PAGE = 64;

    /**
     * 32 rows of {@code w} times one row of {@code x}.
     *
     * <p>Per row, over the blocks: {@code Σ ((Σ code·code · scale + minimum · Σ x code + 128 >> 8) · x scale >> x shift)}, without the minimum's term
     * where codes are wide.
     *
     * @param group which 32 rows of {@code w}
     * @param token which row of {@code x}
     * @param out   gets row r at {@code outAt + r}
     */
    void multiply(QuantMatrix w, int group, QuantRows x, int token, int[] out, int outAt);

    /** {@code out[outAt + p] = Σ_d q[qAt + d] · k[kAt + d · PAGE + p]} for p &lt; PAGE. */
    void scores(int[] q, int qAt, int dimensions, int[] k, int kAt, int[] out, int outAt);

    /**
     * {@code out[d] += Σ_p weights[weightsAt + p] · v[vAt + p · dimensions + d]}.
     *
     * @param dimensions a multiple of 32
     */
    void mix(int[] weights, int weightsAt, int positions, int[] v, int vAt, int dimensions, int[] out);
}
