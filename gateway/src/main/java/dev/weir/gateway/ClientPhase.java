package dev.weir.gateway;

/** Where a client stands, from its arrival at home on. Each record's methods are the legal moves out of it. */
sealed interface ClientPhase {

    /** Its login has phases of its own, {@link LoginPhase}. */
    record LoggingIn(Login login) implements ClientPhase {
        Idle welcome() {
            return IDLE;
        }
    }

    /** Logged in, no server connection lent. */
    record Idle() implements ClientPhase {
        Waiting request() {
            return WAITING;
        }
    }

    /** Its request waits in the pool's queue. */
    record Waiting() implements ClientPhase {
        Linked link() {
            return LINKED;
        }

        Riding ride() {
            return RIDING;
        }

        Idle refuse() {
            return IDLE;
        }
    }

    /** It has sent, or is sending, its one statement on a server connection that it shares with others. */
    record Riding() implements ClientPhase {
        Idle arrive() {
            return IDLE;
        }
    }

    /**
     * A server connection is lent to it. Which one, the owner keeps at hand: this phase is entered once a transaction, and
     * nothing is allocated for it.
     */
    record Linked() implements ClientPhase {
        Idle giveBack() {
            return IDLE;
        }

        /** What is lent can't be made its own. */
        Waiting requestAnother() {
            return WAITING;
        }
    }

    /** The end, which every phase may come to. */
    record Closed(String why) implements ClientPhase {}

    Idle IDLE = new Idle();
    Waiting WAITING = new Waiting();
    Linked LINKED = new Linked();
    Riding RIDING = new Riding();
}
