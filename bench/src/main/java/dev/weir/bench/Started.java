package dev.weir.bench;

/** A pooler that this run has started, and the process to stop when it is done with. */
record Started(Candidate candidate, Child process) {}
