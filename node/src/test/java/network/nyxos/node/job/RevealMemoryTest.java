package network.nyxos.node.job;

import static org.assertj.core.api.Assertions.assertThat;

import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.Constraints;
import network.nyxos.escrow.wire.PromptText;
import org.junit.jupiter.api.Test;

class RevealMemoryTest {
    private static Hash job(int n) {
        return Hash.sha256(new byte[] {(byte) n});
    }

    private static RevealMemory.Opening opening(int ids) {
        return new RevealMemory.Opening(Hash.ZERO, new int[ids], new int[0], Constraints.NONE, PromptText.NONE);
    }

    @Test
    void letsTheOldestGoWhenRoomIsNeeded() {
        RevealMemory memory = new RevealMemory(100);
        memory.put(job(1), opening(40));
        memory.put(job(2), opening(40));
        memory.put(job(3), opening(40));
        assertThat(memory.get(job(1))).isEmpty();
        assertThat(memory.get(job(2))).isPresent();
        assertThat(memory.get(job(3))).isPresent();
    }

    @Test
    void keepsTheNewestEvenWhenItAloneIsTooLarge() {
        RevealMemory memory = new RevealMemory(10);
        memory.put(job(1), opening(5));
        memory.put(job(2), opening(50));
        assertThat(memory.get(job(1))).isEmpty();
        assertThat(memory.get(job(2))).isPresent();
    }

    @Test
    void forgettingAndReplacingGiveTheirRoomBack() {
        RevealMemory memory = new RevealMemory(100);
        memory.put(job(1), opening(60));
        memory.put(job(1), opening(50));
        memory.put(job(2), opening(50));
        assertThat(memory.get(job(1))).isPresent();
        memory.forget(job(1));
        memory.put(job(3), opening(50));
        assertThat(memory.get(job(2))).isPresent();
        assertThat(memory.get(job(3))).isPresent();
    }
}
