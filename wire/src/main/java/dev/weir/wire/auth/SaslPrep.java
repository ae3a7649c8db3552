package dev.weir.wire.auth;

import com.ongres.stringprep.Tables;
import java.text.Normalizer;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * SASLprep (RFC 4013) in the order in which Postgres applies it: what is prohibited or unassigned is looked for after
 * mapping and before normalization, where the RFC looks after it, and U+200B is taken for a space. Otherwise a password
 * with a letter younger than Unicode 3.2 that NFKC turns into an older one is hashed in another way than the server did.
 */
final class SaslPrep {

    private SaslPrep() {}

    /** The prepared text, or empty where SASLprep refuses it or leaves nothing of it. */
    static Optional<String> prepare(String text) {
        String mapped = mapped(text);
        int[] characters = mapped.codePoints().toArray();
        boolean refused = characters.length == 0
                || IntStream.of(characters).anyMatch(SaslPrep::isProhibited)
                || !directionIsClear(characters);
        return refused ? Optional.empty() : Optional.of(Normalizer.normalize(mapped, Normalizer.Form.NFKC));
    }

    /** RFC 4013, section 2.1. A character in both tables becomes a space. */
    private static String mapped(String text) {
        StringBuilder mapped = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            if (Tables.prohibitionNonAsciiSpace(c)) {
                mapped.append(' ');
            } else if (!Tables.mapToNothing(c)) {
                mapped.appendCodePoint(c);
            }
        });
        return mapped.toString();
    }

    /** RFC 4013, sections 2.3 and 2.5. */
    private static boolean isProhibited(int c) {
        return Tables.prohibitionNonAsciiSpace(c)
                || Tables.prohibitionAsciiControl(c)
                || Tables.prohibitionNonAsciiControl(c)
                || Tables.prohibitionPrivateUse(c)
                || Tables.prohibitionNonCharacterCodePoints(c)
                || Tables.prohibitionSurrogateCodes(c)
                || Tables.prohibitionInappropriatePlainText(c)
                || Tables.prohibitionInappropriateCanonicalRepresentation(c)
                || Tables.prohibitionChangeDisplayProperties(c)
                || Tables.prohibitionTaggingCharacters(c)
                || Tables.unassignedCodePoints(c);
    }

    /** RFC 3454, section 6: right-to-left text stands alone, and at both ends. */
    private static boolean directionIsClear(int[] characters) {
        return IntStream.of(characters).noneMatch(Tables::bidirectionalPropertyRorAL)
                || (IntStream.of(characters).noneMatch(Tables::bidirectionalPropertyL)
                        && Tables.bidirectionalPropertyRorAL(characters[0])
                        && Tables.bidirectionalPropertyRorAL(characters[characters.length - 1]));
    }
}
