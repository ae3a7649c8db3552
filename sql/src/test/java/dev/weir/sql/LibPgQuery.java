package dev.weir.sql;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * Parses with Debian's libpg_query, which has the grammar of Postgres 15. Deep nesting ends the process, so it runs in one
 * of its own. Each line of the input is base64 of a text; each of the output is base64 of its tree and the text's length, or
 * "error". Exit status 77: there is no such library.
 */
@SuppressWarnings("restricted") // to call a library is what this class is for
final class LibPgQuery {
    static final int MISSING = 77;

    private static final StructLayout RESULT = MemoryLayout.structLayout(
            ValueLayout.ADDRESS.withName("tree"),
            ValueLayout.ADDRESS.withName("messages"),
            ValueLayout.ADDRESS.withName("error"));

    private LibPgQuery() {}

    public static void main(String[] arguments) throws IOException {
        SymbolLookup library;
        try {
            library = SymbolLookup.libraryLookup("libpg_query.so", Arena.global());
        } catch (IllegalArgumentException e) {
            System.exit(MISSING);
            return;
        }
        Linker linker = Linker.nativeLinker();
        MethodHandle parse = linker.downcallHandle(
                library.findOrThrow("pg_query_parse"), FunctionDescriptor.of(RESULT, ValueLayout.ADDRESS));
        MethodHandle free = linker.downcallHandle(
                library.findOrThrow("pg_query_free_parse_result"), FunctionDescriptor.ofVoid(RESULT));
        parseLines(parse, free);
    }

    private static void parseLines(MethodHandle parse, MethodHandle free) throws IOException {
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.US_ASCII);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            out.println(parse(parse, free, Base64.getDecoder().decode(line)));
        }
        out.flush();
    }

    private static String parse(MethodHandle parse, MethodHandle free, byte[] text) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment input = arena.allocate(text.length + 1L);
            MemorySegment.copy(text, 0, input, ValueLayout.JAVA_BYTE, 0, text.length);
            MemorySegment result = (MemorySegment) parse.invokeExact((SegmentAllocator) arena, input);
            String answer = "error";
            if (result.get(ValueLayout.ADDRESS, 2 * ValueLayout.ADDRESS.byteSize())
                            .address()
                    == 0) {
                String tree = result.get(ValueLayout.ADDRESS, 0)
                        .reinterpret(Long.MAX_VALUE)
                        .getString(0);
                answer = Base64.getEncoder().encodeToString(tree.getBytes(StandardCharsets.UTF_8)) + " " + text.length;
            }
            free.invokeExact(result);
            return answer;
        } catch (Throwable e) {
            throw new AssertionError("libpg_query can't be called", e);
        }
    }
}
