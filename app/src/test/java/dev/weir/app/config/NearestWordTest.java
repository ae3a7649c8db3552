package dev.weir.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestWordTest {
    private static final List<String> WORDS = List.of("host", "port", "pool_size", "max_clients");

    @ParameterizedTest
    @CsvSource({
        "hots, host",
        "hst, host",
        "hostt, host",
        "Host, host",
        "prot, port",
        "poolSize, pool_size",
        "pol_siez, pool_size",
        "maxclient, max_clients"
    })
    void findsWhatWasMeant(String word, String meant) {
        assertThat(NearestWord.to(word, WORDS)).contains(meant);
    }

    @Test
    void findsNothingFarAway() {
        assertThat(NearestWord.to("colour", WORDS)).isEmpty();
        assertThat(NearestWord.to("x", WORDS)).isEmpty();
        assertThat(NearestWord.to("", WORDS)).isEmpty();
        assertThat(NearestWord.to("x".repeat(100_000), WORDS)).isEmpty();
        assertThat(NearestWord.to("host", List.of())).isEmpty();
    }
}
