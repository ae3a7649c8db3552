package dev.weir.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every rule of the manual's section 4.1. */
class LexerTest {
    private static List<String> tokens(String text, boolean standardStrings) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        List<String> tokens = new ArrayList<>();
        int at = Lexer.skip(bytes, 0, bytes.length);
        while (at >= 0 && at < bytes.length) {
            long token = Lexer.next(bytes, at, bytes.length, standardStrings);
            if (Lexer.kind(token) == Lexer.BROKEN) {
                tokens.add("BROKEN");
                return tokens;
            }
            tokens.add(new String(bytes, at, Lexer.end(token) - at, StandardCharsets.UTF_8));
            at = Lexer.skip(bytes, Lexer.end(token), bytes.length);
        }
        if (at < 0) {
            tokens.add("BROKEN");
        }
        return tokens;
    }

    private static List<String> tokens(String text) {
        return tokens(text, true);
    }

    @Test
    void passesSpacesAndComments() {
        assertThat(tokens(" \t\n\r\f a--b\nc/* d /* e */ f */g")).containsExactly("a", "c", "g");
        assertThat(tokens("a -- b")).containsExactly("a");
        assertThat(tokens("a--b\rc")).containsExactly("a", "c");
        assertThat(tokens("/**/a/***/b/* **/c/*/*/**/*/*/d")).containsExactly("a", "b", "c", "d");
        assertThat(tokens("a /* b /* c */")).containsExactly("a", "BROKEN");
        assertThat(tokens("")).isEmpty();
    }

    @Test
    void endsOperatorsAtComments() {
        assertThat(tokens("1+--2\n3")).containsExactly("1", "+", "3");
        assertThat(tokens("1*/*2*/3")).containsExactly("1", "*", "3");
        assertThat(tokens("a<=b @>c||d->>'e'#>f"))
                .containsExactly("a", "<=", "b", "@>", "c", "||", "d", "->>", "'e'", "#>", "f");
        assertThat(tokens("a=-1")).containsExactly("a", "=", "-", "1");
        assertThat(tokens("a@-1")).containsExactly("a", "@-", "1");
        assertThat(tokens("a*+-b")).containsExactly("a", "*", "+-", "b");
        assertThat(tokens("a-/*b*/c")).containsExactly("a", "-", "c");
    }

    @Test
    void readsStrings() {
        assertThat(tokens("'a''b'c")).containsExactly("'a''b'", "c");
        assertThat(tokens("'a\\'b")).containsExactly("'a\\'", "b");
        assertThat(tokens("E'a\\'b'c")).containsExactly("E'a\\'b'", "c");
        assertThat(tokens("e'a\\\\'b")).containsExactly("e'a\\\\'", "b");
        assertThat(tokens("foE'a\\'b")).containsExactly("foE", "'a\\'", "b");
        assertThat(tokens("N'a' B'01' x'1F' U&'\\0061''b'")).containsExactly("N'a'", "B'01'", "x'1F'", "U&'\\0061''b'");
        assertThat(tokens("'a\nb'")).containsExactly("'a\nb'");
        assertThat(tokens("'a")).containsExactly("BROKEN");
        assertThat(tokens("E'a\\'")).containsExactly("BROKEN");
        assertThat(tokens("E'a\\")).containsExactly("BROKEN");
    }

    @Test
    void readsBackslashesAsTheServerDoes() {
        assertThat(tokens("'a\\'b'c", false)).containsExactly("'a\\'b'", "c");
        assertThat(tokens("N'a\\'b'c", false)).containsExactly("N'a\\'b'", "c");
        assertThat(tokens("B'1\\'b", false)).containsExactly("B'1\\'", "b");
        assertThat(tokens("U&'a'", false)).containsExactly("BROKEN");
        assertThat(tokens("U&\"a\"", false)).containsExactly("U&\"a\"");
    }

    @Test
    void continuesStringsOnLaterLines() {
        assertThat(tokens("'a'\n'b'")).containsExactly("'a'\n'b'");
        assertThat(tokens("E'a' -- c\n -- d\n '\\'b' e")).containsExactly("E'a' -- c\n -- d\n '\\'b'", "e");
        assertThat(tokens("'a' 'b'")).containsExactly("'a'", "'b'");
        assertThat(tokens("'a' /* c */\n'b'")).containsExactly("'a'", "'b'");
        assertThat(tokens("'a'\n;'b'")).containsExactly("'a'", ";", "'b'");
        assertThat(tokens("'a'\n")).containsExactly("'a'");
    }

    @Test
    void readsDollarQuotes() {
        assertThat(tokens("$$a'b;$$c")).containsExactly("$$a'b;$$", "c");
        assertThat(tokens("$a$ $b$ $$ $A$ $a$c")).containsExactly("$a$ $b$ $$ $A$ $a$", "c");
        assertThat(tokens("$a$$a$")).containsExactly("$a$$a$");
        assertThat(tokens("$ab$x$a$ab$c")).containsExactly("$ab$x$a$ab$", "c");
        assertThat(tokens("$é1$x$é1$")).containsExactly("$é1$x$é1$");
        assertThat(tokens("a$$b$$")).containsExactly("a$$b$$");
        assertThat(tokens("$a$ $b$")).containsExactly("BROKEN");
        assertThat(tokens("$a")).containsExactly("BROKEN");
        assertThat(tokens("$")).containsExactly("BROKEN");
    }

    @Test
    void readsNamesAndParameters() {
        assertThat(tokens("_a1$ é \"a\"\"b\" U&\"d\" u&x $12"))
                .containsExactly("_a1$", "é", "\"a\"\"b\"", "U&\"d\"", "u", "&", "x", "$12");
        assertThat(tokens("a.b.*")).containsExactly("a", ".", "b", ".", "*");
        assertThat(tokens("\"\"")).containsExactly("BROKEN");
        assertThat(tokens("U&\"\"")).containsExactly("BROKEN");
        assertThat(tokens("\"a")).containsExactly("BROKEN");
        assertThat(tokens("$1a")).containsExactly("$1", "a");
    }

    @Test
    void readsNumbers() {
        assertThat(tokens("1 1.5 .5 1. 1e5 1.5E-10 1_000 0x1F 0b11 0O17"))
                .hasSize(10)
                .doesNotContain("BROKEN");
        assertThat(tokens("1a 0xg 1e'a' 1__0")).containsExactly("1", "a", "0", "xg", "1", "e'a'", "1", "__0");
        assertThat(tokens("1..2")).containsExactly("1", "..", "2");
        assertThat(tokens("a[1:2]")).containsExactly("a", "[", "1", ":", "2", "]");
        assertThat(tokens("1::int a:=2")).containsExactly("1", "::", "int", "a", ":=", "2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\\", "{", "a } b", "\u0000", "\u0007"})
    void findsWhatMakesNoSense(String text) {
        assertThat(tokens(text)).endsWith("BROKEN");
    }
}
