package dev.weir.sql;

/**
 * One walk over one statement: where it ends, and what its tokens show. What is conspicuous is looked at again by a {@link
 * StatementReader}. Used by one thread, again and again, so that plain statements cost no allocation.
 */
final class StatementScan {
    /** Not proved to only read. */
    static final int WRITES = 1;
    /** No statement of another client may wait behind this one. */
    static final int ALONE = 1 << 1;
    /** To be looked at more closely. */
    static final int CLOSER = 1 << 2;
    /** Not Postgres' syntax; the walk ends with the text. */
    static final int BROKEN = 1 << 3;

    private static final int AS = Vocabulary.wordOf(Keyword.AS.text());
    private static final int ATOMIC = Vocabulary.wordOf(Keyword.ATOMIC.text());
    private static final int BEGIN = Vocabulary.wordOf(Keyword.BEGIN.text());
    private static final int BY = Vocabulary.wordOf(Keyword.BY.text());
    private static final int CASE = Vocabulary.wordOf(Keyword.CASE.text());
    private static final int COPY = Vocabulary.wordOf(Keyword.COPY.text());
    private static final int CREATE = Vocabulary.wordOf(Keyword.CREATE.text());
    private static final int DISTINCT = Vocabulary.wordOf(Keyword.DISTINCT.text());
    private static final int END = Vocabulary.wordOf(Keyword.END.text());
    private static final int EXPLAIN = Vocabulary.wordOf(Keyword.EXPLAIN.text());
    private static final int FOR = Vocabulary.wordOf(Keyword.FOR.text());
    private static final int GROUP = Vocabulary.wordOf(Keyword.GROUP.text());
    private static final int GROUPING = Vocabulary.wordOf(Keyword.GROUPING.text());
    private static final int INSERT = Vocabulary.wordOf(Keyword.INSERT.text());
    private static final int INTO = Vocabulary.wordOf(Keyword.INTO.text());
    private static final int KEY = Vocabulary.wordOf(Keyword.KEY.text());
    private static final int MATERIALIZED = Vocabulary.wordOf(Keyword.MATERIALIZED.text());
    private static final int MERGE = Vocabulary.wordOf(Keyword.MERGE.text());
    private static final int NOT = Vocabulary.wordOf(Keyword.NOT.text());
    private static final int ON = Vocabulary.wordOf(Keyword.ON.text());
    private static final int OPERATOR = Vocabulary.wordOf(Keyword.OPERATOR.text());
    private static final int ORDER = Vocabulary.wordOf(Keyword.ORDER.text());
    private static final int PARTITION = Vocabulary.wordOf(Keyword.PARTITION.text());
    private static final int RECURSIVE = Vocabulary.wordOf(Keyword.RECURSIVE.text());
    private static final int SHARE = Vocabulary.wordOf(Keyword.SHARE.text());
    private static final int WITH = Vocabulary.wordOf(Keyword.WITH.text());
    private static final int PG_CATALOG = Vocabulary.wordOf(Conspicuous.PG_CATALOG.text());

    private int marks;
    private int head;
    private boolean isQuery;
    private int depth;
    /** Of BEGIN ATOMIC, and of CASE within it. */
    private int routineDepth;
    /** A bit for each depth at which the names of a WITH list stand. Deeper ones are not recognised. */
    private long withDepths;
    /** Where DISTINCT ON stands, as long as its parenthesis is open; else -1. */
    private int distinctDepth;

    /** Kind of the token before, and its word if it is a keyword or an unquoted name. */
    private int previous;

    private int previousWord;
    /** An expression may follow the parenthesis that was closed last, unlike others. */
    private boolean closedDistinct;

    // Of the name that stands last: what stands before it, its first and its last part.
    private int beforeKind;
    private int beforeWord;
    private int parts;
    private int firstPart;
    private int lastPart;

    /** Whether there was any token. */
    boolean isEmpty() {
        return head < 0;
    }

    int marks() {
        return marks;
    }

    /** Scans the statement that begins at {@code from}; returns where its semicolon is, or {@code end}. */
    int scan(byte[] text, int from, int end, boolean standardStrings) {
        reset();
        int at = Lexer.skip(text, from, end);
        while (at >= 0 && at < end) {
            long token = Lexer.next(text, at, end, standardStrings);
            int kind = Lexer.kind(token);
            if (kind == Lexer.SEMICOLON && depth == 0 && routineDepth == 0) {
                return at;
            }
            if (kind == Lexer.BROKEN) {
                at = -1;
                break;
            }
            onToken(kind, Lexer.word(token));
            at = Lexer.skip(text, Lexer.end(token), end);
        }
        if (at < 0 || depth != 0 || routineDepth != 0) {
            head = Math.max(head, 0);
            marks |= BROKEN | WRITES;
        }
        return end;
    }

    private void reset() {
        marks = 0;
        head = -1;
        isQuery = false;
        depth = 0;
        routineDepth = 0;
        withDepths = 0;
        distinctDepth = -1;
        previous = Lexer.SEMICOLON;
        previousWord = 0;
        closedDistinct = false;
    }

    private void onToken(int kind, int word) {
        if (head < 0) {
            onHead(kind, kind == Lexer.WORD ? word : 0);
        }
        switch (kind) {
            case Lexer.WORD -> {
                onName(word);
                if (word != 0) {
                    onWord(word, Vocabulary.traits(word));
                }
            }
            case Lexer.QUOTED -> {
                onName(word);
                onConspicuous(word, Vocabulary.traits(word));
            }
            case Lexer.UNICODE_QUOTED -> {
                onName(0);
                marks |= CLOSER | WRITES | ALONE;
            }
            case Lexer.OPEN -> onOpen();
            case Lexer.CLOSE -> onClose();
            default -> {}
        }
        previousWord = kind == Lexer.WORD && !isLabel(word) ? word : 0;
        previous = kind;
    }

    /** Whether a keyword that stands here is but a name, so that it is none for what comes behind it either. */
    private boolean isLabel(int word) {
        return previous == Lexer.DOT
                || (previousWord == AS && isQuery && word != MATERIALIZED && word != NOT); // those of a WITH list
    }

    private void onHead(int kind, int word) {
        head = word;
        int traits = Vocabulary.traits(word);
        if ((traits & Traits.SHOW) != 0) {
            marks |= ALONE;
        } else if (word == EXPLAIN || word == COPY) {
            marks |= ALONE | CLOSER;
        } else if (kind == Lexer.OPEN || (traits & Traits.QUERY) != 0) {
            isQuery = true;
        } else {
            marks |= WRITES | ALONE | ((traits & Traits.SESSION) != 0 ? CLOSER : 0);
        }
    }

    private void onName(int word) {
        if (previous == Lexer.DOT) {
            parts++;
        } else {
            beforeKind = previous;
            beforeWord = previousWord;
            parts = 1;
            firstPart = word;
        }
        lastPart = word;
    }

    private void onConspicuous(int word, int traits) {
        if ((traits & Traits.CONSPICUOUS) != 0 && word != PG_CATALOG) {
            marks |= CLOSER | ALONE;
        }
    }

    private void onWord(int word, int traits) {
        onConspicuous(word, traits);
        if (previous == Lexer.DOT || (previousWord == AS && isQuery)) {
            return; // any keyword may be a column's name there
        }
        if ((traits & Traits.WRITES) != 0) {
            boolean makes = word == INTO && previousWord != INSERT && previousWord != MERGE;
            marks |= makes ? WRITES | ALONE | CLOSER : WRITES | ALONE;
        } else if (word == SHARE && (previousWord == FOR || previousWord == KEY)) {
            marks |= WRITES | ALONE;
        } else if ((traits & Traits.QUERY) != 0) {
            onQuery(word);
        } else if (word == ON && previousWord == DISTINCT) {
            marks |= distinctDepth >= 0 ? WRITES | ALONE : 0; // only one is followed
            distinctDepth = depth;
        } else if (word == OPERATOR) {
            marks |= WRITES | ALONE;
        } else if (head == CREATE) {
            onRoutineWord(word);
        }
    }

    /** A WITH list begins at the first word of a query, and ends where the query itself begins. */
    private void onQuery(int word) {
        long bit = depth < Long.SIZE ? 1L << depth : 0;
        boolean first = previous == Lexer.OPEN || previous == Lexer.SEMICOLON || (head == EXPLAIN && depth == 0);
        withDepths = word == WITH && first ? withDepths | bit : withDepths & ~bit;
    }

    /** The body of a routine may be a list of statements, each with its semicolon. */
    private void onRoutineWord(int word) {
        if (word == ATOMIC && previousWord == BEGIN) {
            routineDepth++;
        } else if (routineDepth > 0 && word == CASE && !isOperand()) {
            routineDepth++;
        } else if (word == END && (routineDepth > 1 ? previousWord != AS : endsStatement())) {
            routineDepth--;
        }
    }

    /** Whether the token before ends an operand, so that a keyword behind it is an alias. */
    private boolean isOperand() {
        return switch (previous) {
            case Lexer.NUMBER, Lexer.STRING, Lexer.QUOTED, Lexer.UNICODE_QUOTED, Lexer.OTHER -> true;
            case Lexer.CLOSE -> !closedDistinct;
            case Lexer.WORD -> previousWord == AS || Vocabulary.keyword(previousWord) == null;
            default -> false;
        };
    }

    private boolean endsStatement() {
        return routineDepth == 1 && (previous == Lexer.SEMICOLON || previousWord == ATOMIC);
    }

    private void onOpen() {
        if (isName(previous)) {
            if (isCall()) {
                onCall();
            }
        } else if (depth < Long.SIZE) {
            withDepths &= ~(1L << depth); // the query of a WITH list itself
        }
        depth++;
        if (depth < Long.SIZE) {
            withDepths &= ~(1L << depth);
        }
    }

    private static boolean isName(int kind) {
        return kind == Lexer.WORD || kind == Lexer.QUOTED || kind == Lexer.UNICODE_QUOTED;
    }

    /** Whether the parenthesis behind a name holds arguments, as far as that can be ruled out. */
    private boolean isCall() {
        if (beforeWord == AS || beforeKind == Lexer.CAST) {
            return false; // an alias with columns, or a type
        }
        if (depth == 0 && (head == COPY || (head == EXPLAIN && previousWord == EXPLAIN))) {
            return false; // columns, or options
        }
        boolean named = inWithList() && (beforeWord == WITH || beforeWord == RECURSIVE || beforeKind == Lexer.COMMA);
        return !named && (previous != Lexer.WORD || parts > 1 || isCallOf(previousWord));
    }

    private boolean isCallOf(int word) {
        Keyword keyword = Vocabulary.keyword(word);
        return switch (keyword) {
            case null -> true;
            case OVER, FILTER -> beforeKind != Lexer.CLOSE || closedDistinct;
            case SETS -> beforeWord != GROUPING;
            case ROLLUP, CUBE -> beforeWord != BY;
            case BY -> beforeWord != ORDER && beforeWord != GROUP && beforeWord != PARTITION;
            case MATERIALIZED -> !inWithList();
            case JOIN -> !isJoined();
            default -> (keyword.traits & Traits.NO_CALL) == 0;
        };
    }

    private boolean inWithList() {
        return depth < Long.SIZE && (withDepths & 1L << depth) != 0;
    }

    private boolean isJoined() {
        if (beforeKind != Lexer.WORD) {
            return beforeKind == Lexer.QUOTED || (beforeKind == Lexer.CLOSE && !closedDistinct);
        }
        return switch (Vocabulary.keyword(beforeWord)) {
            case null -> true;
            case INNER, LEFT, RIGHT, FULL, OUTER, CROSS, NATURAL -> true;
            default -> false;
        };
    }

    private void onCall() {
        boolean foreign = parts > 2 || (parts == 2 && firstPart != PG_CATALOG);
        int traits = foreign ? 0 : Vocabulary.traits(lastPart);
        if ((traits & Traits.STABLE) == 0) {
            marks |= (traits & Traits.VOLATILE) != 0 ? ALONE : WRITES | ALONE;
        }
    }

    private void onClose() {
        depth--;
        closedDistinct = depth == distinctDepth;
        if (closedDistinct) {
            distinctDepth = -1;
        }
        if (depth < 0) {
            marks |= BROKEN | WRITES;
            depth = 0;
        }
    }
}
