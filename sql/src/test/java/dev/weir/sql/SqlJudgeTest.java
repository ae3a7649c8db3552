package dev.weir.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class SqlJudgeTest {
    private static Judgement judge(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return SqlJudge.judge(bytes, 0, bytes.length, true);
    }

    @Test
    void sharesWhatOnlyReads() {
        assertThat(judge("SELECT abalance FROM pgbench_accounts WHERE aid = $1").isShareable())
                .isTrue();
    }
}
