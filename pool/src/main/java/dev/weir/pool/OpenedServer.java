package dev.weir.pool;

import io.netty.channel.Channel;
import java.util.Map;

/**
 * A server connection that has just logged in.
 *
 * @param parameters what ParameterStatus said, in its order
 */
record OpenedServer(Channel channel, BackendKey key, Map<String, String> parameters) {}
