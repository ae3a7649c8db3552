package dev.weir.app.importing;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A tenant as it will be written.
 *
 * @param keys keys and values of its table
 * @param users keys and values of its users' tables
 */
record TenantDraft(String id, List<Database> databases, Map<String, String> keys, List<Map<String, String>> users) {

    /** One without users. */
    static TenantDraft of(String id, List<Database> databases) {
        return new TenantDraft(id, databases, new LinkedHashMap<>(), new ArrayList<>());
    }
}
