package dev.weir.bench;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What was found on the machine.
 *
 * @param pgbouncer present when it is a candidate
 * @param weir present when it is a candidate
 */
record Tools(
        Programs programs, ServerUser user, Optional<PgBouncer> pgbouncer, Optional<Weir> weir, Optional<Path> jcmd) {}
