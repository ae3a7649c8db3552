package dev.weir.bench;

import java.util.Locale;

/** Figures as the report shows them; what is not known is a dash. */
final class Figures {
    private static final String NONE = "–";

    private Figures() {}

    /** Without decimals, thousands parted. */
    static String whole(double value) {
        return Double.isNaN(value) ? NONE : String.format(Locale.ROOT, "%,.0f", value);
    }

    static String oneDecimal(double value) {
        return Double.isNaN(value) ? NONE : String.format(Locale.ROOT, "%,.1f", value);
    }

    static String twoDecimals(double value) {
        return Double.isNaN(value) ? NONE : String.format(Locale.ROOT, "%,.2f", value);
    }

    /** Microseconds, as milliseconds. */
    static String millis(double micros) {
        return twoDecimals(micros / 1000);
    }

    /** Bytes, as units of 2^20. */
    static String mebibytes(double bytes) {
        return oneDecimal(bytes / (1 << 20));
    }

    /** a / b; a dash when one is not known or b is nothing. */
    static String ratio(double a, double b) {
        return b == 0 ? NONE : twoDecimals(a / b);
    }
}
