package network.nyxos.indexer.web;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The page's files, read once.
public final class WebPage {
    /// What the page may do in a browser: load its own files and ask its own server, nothing else.
    public static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none';"
        + " form-action 'none'; frame-ancestors 'none'";
    private static final Map<String, String> TYPES = Map.of("html", "text/html; charset=utf-8", "css", "text/css; charset=utf-8",
        "js", "text/javascript; charset=utf-8", "svg", "image/svg+xml");
    private static final List<String> NAMES = List.of("index.html", "style.css", "mark.svg", "app.js", "api.js", "dom.js", "format.js", "views.js");

    private final Map<String, File> files = new LinkedHashMap<>();

    /// A file of the page.
    ///
    /// @param type its media type
    /// @param content its bytes
    public record File(String type, byte[] content) {
        /// Copies the bytes.
        public File {
            content = content.clone();
        }

        /// A copy of the bytes.
        @Override
        public byte[] content() {
            return content.clone();
        }
    }

    /// Reads the files from the class path.
    public WebPage() {
        for (String name : NAMES) {
            try (InputStream in = WebPage.class.getResourceAsStream("/network/nyxos/indexer/web/" + name)) {
                if (in == null) {
                    throw new IllegalStateException("the page's file " + name + " is missing from the class path");
                }
                files.put(name, new File(TYPES.get(name.substring(name.lastIndexOf('.') + 1)), in.readAllBytes()));
            } catch (IOException e) {
                throw new UncheckedIOException("the page's file " + name + " cannot be read", e);
            }
        }
    }

    /// A file by name.
    public Optional<File> file(String name) {
        return Optional.ofNullable(files.get(name));
    }
}
