package dev.weir.pool;

/** Is told what became of one message of a pipeline, as soon as it is known; never if the connection ends before that. */
public interface Fate {

    /** The server has done what it asked for; of Query and Sync: their ReadyForQuery has come. */
    void onAnswered();

    /** It failed, or was skipped behind one that did. The newest of several is told first. */
    void onUndone();
}
