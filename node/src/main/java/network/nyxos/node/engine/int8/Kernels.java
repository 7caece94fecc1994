package network.nyxos.node.engine.int8;

/**
 * The inner loops. Every implementation gives the same bits; docs/engine-nyx-int8-v1.md says which.
 */
interface Kernels {
    /** Positions in one page of keys and values. */
    int PAGE = 64;

    /**
     * 32 rows of {@code w} times one row of {@code x}.
     *
     * <p>Per row and block, in block order: {@code acc = acc + ((scale · (float) Σcode·code) · xScale + minimum · xSum)},
     * without the minimum's term where codes are wide.
     *
     * @param group which 32 rows of {@code w}
     * @param token which row of {@code x}
     * @param out   gets row r at {@code outAt + r}
     */
    void multiply(QuantMatrix w, int group, QuantRows x, int token, float[] out, int outAt);

    /**
     * {@code out[outAt + p] = scale · Σ_d q[qAt + d] · k[kAt + d · PAGE + p]} for p &lt; PAGE, summed in d order.
     */
    void scores(float[] q, int qAt, int dimensions, float[] k, int kAt, float scale, float[] out, int outAt);

    /**
     * {@code out[outAt + d] += Σ_p weights[weightsAt + p] · v[vAt + p · dimensions + d]}, added one p after the other.
     *
     * @param dimensions a multiple of 32
     */
    void mix(float[] weights, int weightsAt, int positions, float[] v, int vAt, int dimensions, float[] out, int outAt);
}
