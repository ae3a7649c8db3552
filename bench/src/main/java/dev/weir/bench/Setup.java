package dev.weir.bench;

/**
 * What a pooler is set in front of.
 *
 * @param postgresPort where it reaches Postgres on 127.0.0.1
 * @param poolSize its server connections
 */
record Setup(int postgresPort, int poolSize) {}
