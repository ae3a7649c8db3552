@NullMarked
package dev.weir.pool;

import org.jspecify.annotations.NullMarked;
