package dev.weir.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.wire.ProtocolVersion;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class CancelKeysTest {
    private final CancelKeys keys = new CancelKeys(new SecureRandom());
    private final List<String> told = new ArrayList<>();

    private final class Holder implements CancelKeys.Target {
        private final CancelKeys.CancelKey key;

        Holder(CancelKeys.CancelKey key) {
            this.key = key;
        }

        @Override
        public CancelKeys.CancelKey cancelKey() {
            return key;
        }

        @Override
        public void cancel(Runnable done) {
            told.add("canceled " + key.processId());
            done.run();
        }
    }

    private void cancel(int processId, byte[] secret) {
        keys.cancel(processId, secret, () -> told.add("done"));
    }

    @Test
    void cancelsForTheHolderOfTheWholeKeyOnly() {
        Holder holder = new Holder(keys.create(ProtocolVersion.V3_0));
        keys.add(holder);
        int processId = holder.key.processId();
        byte[] other = holder.key.secret().clone();
        other[3] ^= 1;
        cancel(processId, other);
        cancel(processId, new byte[0]);
        cancel(processId, Arrays.copyOf(holder.key.secret(), 5));
        cancel(processId ^ 1, holder.key.secret());
        assertThat(told).containsExactly("done", "done", "done", "done");
        told.clear();
        cancel(processId, holder.key.secret());
        assertThat(told).containsExactly("canceled " + processId, "done");
    }

    @Test
    void forgetsWhoHasLeft() {
        Holder holder = new Holder(keys.create(ProtocolVersion.V3_0));
        Holder successor = new Holder(holder.key);
        keys.add(holder);
        keys.add(successor);
        keys.remove(holder);
        cancel(holder.key.processId(), holder.key.secret());
        assertThat(told).as("one leaves, another has his number").hasSize(2);
        keys.remove(successor);
        cancel(holder.key.processId(), holder.key.secret());
        assertThat(told).hasSize(3);
    }

    @Test
    void makesKeysAsLongAsTheProtocolAllows() {
        assertThat(keys.create(ProtocolVersion.V3_0).secret()).hasSize(4);
        CancelKeys.CancelKey key = keys.create(ProtocolVersion.V3_2);
        assertThat(key.secret()).hasSize(32);
        assertThat(key.processId()).isPositive();
        assertThat(key.toString()).isEqualTo("CancelKey[" + key.processId() + "]");
    }
}
