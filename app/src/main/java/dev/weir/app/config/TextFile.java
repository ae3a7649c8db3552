package dev.weir.app.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** A UTF-8 file of bounded size, or the reason why there is none. */
public sealed interface TextFile {

    record Text(String value) implements TextFile {}

    /** @param reason what is wrong, without anything of the file's content */
    record Unreadable(String reason) implements TextFile {}

    /** @param maxBytes more is refused instead of read */
    static TextFile read(Path path, int maxBytes) {
        try (InputStream in = Files.newInputStream(path)) {
            byte[] bytes = in.readNBytes(maxBytes + 1);
            if (bytes.length > maxBytes) {
                return new Unreadable("must be at most " + maxBytes + " bytes long");
            }
            return new Text(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString());
        } catch (CharacterCodingException notUtf8) {
            return new Unreadable("must be UTF-8 text");
        } catch (NoSuchFileException missing) {
            return new Unreadable("can't be read: there is no such file");
        } catch (AccessDeniedException denied) {
            return new Unreadable("can't be read: permission denied");
        } catch (IOException failed) {
            return new Unreadable("can't be read: " + failed.getMessage());
        }
    }
}
