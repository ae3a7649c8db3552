/**
 * What a SQL text is, judged by Postgres' lexical rules and one-sided rules over its tokens: in doubt a statement writes,
 * and its session is its own. Nothing here holds state but {@link dev.weir.sql.StatementCache}, which is confined to a
 * lane; everything else may be called on any thread.
 */
@NullMarked
package dev.weir.sql;

import org.jspecify.annotations.NullMarked;
