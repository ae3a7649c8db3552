package dev.weir.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Who is compared, in the order of the report. Several of them are Weir, with another setting each. */
enum CandidateKind {
    DIRECT("direct", "", ""),
    PGBOUNCER("PgBouncer", "", ""),
    WEIR("Weir", "", ""),
    /** Without shared pipelining. */
    WEIR_PLAIN("Weir, plain", "", "shared_pipelining = \"off\""),
    WEIR_EPOLL("Weir, epoll", "io = \"epoll\"", ""),
    WEIR_IO_URING("Weir, io_uring", "io = \"io_uring\"", ""),
    WEIR_NIO("Weir, nio", "io = \"nio\"", ""),
    /** Without BoringSSL. */
    WEIR_JDK_TLS("Weir, the JDK's TLS", "tls_provider = \"jdk\"", "");

    private final String title;
    private final String topSetting;
    private final String tenantSetting;

    CandidateKind(String title, String topSetting, String tenantSetting) {
        this.title = title;
        this.topSetting = topSetting;
        this.tenantSetting = tenantSetting;
    }

    String title() {
        return title;
    }

    /** As on the command line: {@code weir-plain}. */
    String option() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static Optional<CandidateKind> of(String option) {
        return Arrays.stream(values())
                .filter(kind -> kind.option().equalsIgnoreCase(option))
                .findFirst();
    }

    boolean isWeir() {
        return compareTo(WEIR) >= 0;
    }

    /** A line for the top of {@code weir.toml}; may be empty. */
    String topSetting() {
        return topSetting;
    }

    /** A line for a tenant of {@code weir.toml}; may be empty. */
    String tenantSetting() {
        return tenantSetting;
    }

    /** These, without the one that has no shared pipelining where that makes no difference, unless it is the only Weir. */
    static List<CandidateKind> withoutPlain(List<CandidateKind> kinds) {
        return kinds.contains(WEIR)
                ? kinds.stream().filter(kind -> kind != WEIR_PLAIN).toList()
                : kinds;
    }
}
