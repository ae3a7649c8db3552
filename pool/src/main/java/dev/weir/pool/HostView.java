package dev.weir.pool;

import dev.weir.tenants.Endpoint;

/**
 * The budget of a Postgres host that tenants share.
 *
 * @param servers server connections that all tenants have there, those that are being opened or closed among them
 * @param maxServers how many they may have
 */
public record HostView(Endpoint host, int servers, int maxServers) {}
