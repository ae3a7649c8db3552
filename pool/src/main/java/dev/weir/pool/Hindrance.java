package dev.weir.pool;

import java.util.OptionalInt;

/** Why a pool lends nothing more to the clients that wait, besides that all it may have is lent. */
public sealed interface Hindrance {

    /** Nothing that it knows of, or nobody waits. */
    record None() implements Hindrance {}

    /** So many may be lent in a second, and were. */
    record Rate(long perSecond) implements Hindrance {}

    /** It has no place for another server connection. */
    record NoPlace(int tenantHas, OptionalInt tenantLimit, int hostHas, OptionalInt hostLimit) implements Hindrance {}

    /** None could be opened, and it is tried again. */
    record NoServer(String reason) implements Hindrance {}
}
