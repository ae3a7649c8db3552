package dev.weir.gateway.console;

import java.util.ArrayList;
import java.util.List;

/**
 * A command as SHOW HELP and the document tell it.
 *
 * @param form with what may follow
 * @param meaning one sentence or two, in Markdown
 */
record Usage(String form, String meaning) {
    static final List<Usage> COMMANDS = List.of(
            new Usage("SHOW topic", "Shows what the topics below name. `SELECT topic` is the same."),
            new Usage(
                    "SET key = value",
                    "Changes a limit of all tenants; `SET tenant.key = value` that of one. See below."),
            new Usage("RELOAD", "Reads the configuration again, as SIGHUP does. Its first fault is the error."),
            new Usage(
                    "PAUSE [db]",
                    "Lends no more server connections and closes them as they become free; clients wait. Answers when"
                            + " the last one is closed."),
            new Usage("RESUME [db]", "Ends a pause."),
            new Usage("DISABLE db", "Refuses new clients of the database."),
            new Usage("ENABLE db", "Takes them again."),
            new Usage(
                    "RECONNECT [db]",
                    "Replaces all server connections: idle ones at once, the others as soon as they are given back."),
            new Usage("KILL [db]", "Cuts clients and server connections, and pauses."),
            new Usage("KILL_CLIENT id", "Cuts one client; `SHOW CLIENTS` tells the ids."),
            new Usage("WAIT_CLOSE [db]", "Answers when all server connections that are to be replaced are closed."),
            new Usage("SUSPEND", "Refused: Weir does not hand its sockets to another process."),
            new Usage("SHUTDOWN", "Ends Weir now."),
            new Usage(
                    "SHUTDOWN WAIT_FOR_SERVERS",
                    "Ends Weir; transactions may end within `shutdown_grace`, as after SIGTERM."),
            new Usage("SHUTDOWN WAIT_FOR_CLIENTS", "Lets nobody new in, and ends Weir when the last client has left."));

    /** The detail of SHOW HELP. */
    static String text() {
        List<String> topics = new ArrayList<>();
        for (Topic topic : Topic.values()) {
            topics.add(topic.name());
        }
        StringBuilder text = new StringBuilder("\n\tSHOW " + String.join("|", topics));
        for (Usage usage : COMMANDS.subList(1, COMMANDS.size())) {
            text.append("\n\t").append(usage.form());
        }
        return text.toString();
    }
}
