package dev.weir.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.io.TempDir;

/**
 * Spoils the documented example at random places: each reading ends with a result, and none shows a secret. None
 * succeeds, because the files that the example names do not exist.
 */
class SpoiledConfigTest {
    private static final int ROUNDS = 200;
    private static final String PUT_IN = "\"'\\#=[]{}$.,:x0 \n\t\u0000\u00FC";
    private static final String SECRET = "Tr0ub4dor";

    @TempDir
    Path folder;

    @RepeatedTest(3)
    void isReadOrRefusedAndNeverTold() throws IOException {
        long seed = Long.getLong("weir.seed", System.nanoTime());
        System.out.println("SpoiledConfigTest: -Dweir.seed=" + seed);
        Random random = new Random(seed);
        String example = Files.readString(Documents.folder().resolve("weir.example.toml"))
                .replace("${ACME_APP_PASSWORD}", SECRET);
        for (int round = 0; round < ROUNDS; round++) {
            String text = spoiled(example, random);
            ConfigResult result = ConfigReader.read(text, folder, Map.of());
            assertThat(result).as(text).isInstanceOf(ConfigResult.Faulty.class);
            List<String> faults = ConfigTexts.faults(result);
            assertThat(faults).as(text).noneMatch(fault -> fault.contains(SECRET) || fault.contains("FaZHNvcK"));
        }
    }

    private static String spoiled(String text, Random random) {
        StringBuilder spoiled = new StringBuilder(text);
        for (int times = 1 + random.nextInt(3); times > 0; times--) {
            int at = random.nextInt(spoiled.length());
            switch (random.nextInt(3)) {
                case 0 -> spoiled.deleteCharAt(at);
                case 1 -> spoiled.insert(at, PUT_IN.charAt(random.nextInt(PUT_IN.length())));
                default -> spoiled.delete(at, Math.min(spoiled.length(), at + random.nextInt(40)));
            }
        }
        return spoiled.toString();
    }
}
