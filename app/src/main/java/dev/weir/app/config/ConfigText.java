package dev.weir.app.config;

import java.nio.file.Path;
import java.util.Map;

/**
 * What a configuration was read from, so that it can be read again with limits changed.
 *
 * @param file as faults name it
 * @param folder where relative paths start
 * @param environment the variables that <code>${NAME}</code> can name
 */
public record ConfigText(String file, String text, Path folder, Map<String, String> environment) {
    @Override
    public String toString() {
        return "ConfigText[" + file + "]"; // the text may hold passwords
    }
}
