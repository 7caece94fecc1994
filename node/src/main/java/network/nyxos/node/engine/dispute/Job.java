package network.nyxos.node.engine.dispute;

import network.nyxos.node.engine.EngineException;
import network.nyxos.node.engine.Sampling;

/**
 * A job whose receipt is doubted.
 *
 * @param prompt   the ids that give the receipt's prompt commitment
 * @param reply    the ids that give its output hash
 * @param sampling as in the receipt
 * @param seed     as in the receipt
 * @param free     whether the reply was held to no form: else its choices are not disputed
 */
public record Job(int[] prompt, int[] reply, Sampling sampling, long seed, boolean free) {
    public Job {
        prompt = prompt.clone();
        reply = reply.clone();
        if (prompt.length == 0 || reply.length == 0) {
            throw new EngineException(EngineException.Code.INVALID_REQUEST, "a job in dispute has a prompt and a reply");
        }
    }

    @Override
    public int[] prompt() {
        return prompt.clone();
    }

    @Override
    public int[] reply() {
        return reply.clone();
    }

    /** How many tokens were run: all but the reply's last. */
    public int steps() {
        return prompt.length + reply.length - 1;
    }

    /** The token that is run at a position. */
    public int token(int position) {
        return position < prompt.length ? prompt[position] : reply[position - prompt.length];
    }

    @Override
    public String toString() {
        return "Job[prompt=" + prompt.length + ", reply=" + reply.length + ", " + sampling + "]";
    }
}
