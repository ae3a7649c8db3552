package dev.weir.tenants;

/**
 * The name of a tenant, as it stands behind the last dot of a user name ({@code user.tenant}).
 *
 * @param value 1 to 63 characters out of letters, digits, {@code _} and {@code -}; no dot
 */
public record TenantId(String value) {
    public static final int MAX_LENGTH = 63;

    public TenantId {
        if (!isValid(value)) {
            throw new IllegalArgumentException("not a tenant id: " + value);
        }
    }

    /** Whether {@code text} can be a tenant id; asked before one is made of a client's bytes. */
    public static boolean isValid(String text) {
        if (text.isEmpty() || text.length() > MAX_LENGTH) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean ok =
                    (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
            if (!ok) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return value;
    }
}
