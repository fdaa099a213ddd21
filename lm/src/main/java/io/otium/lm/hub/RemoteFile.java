package io.otium.lm.hub;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A file on a server.
 *
 * @param name relative, safe
 * @param size in bytes, -1 if the server did not say
 * @param expected null if the server gave no digest
 */
record RemoteFile(
    String name,
    URI uri,
    Transport.@Nullable Auth auth,
    long size,
    @Nullable Expected expected,
    Transport.Refusals refusals) {

  /** A digest that a file must have. */
  record Expected(Kind kind, String hex) {
    enum Kind {
      SHA256,
      GIT_BLOB
    }

    static Expected sha256(String hex) {
      return new Expected(Kind.SHA256, hex);
    }

    /** By an etag's length: SHA-256 of large files, git's SHA-1 of small ones. */
    static @Nullable Expected ofEtag(@Nullable String etag) {
      if (etag != null && etag.matches("[0-9a-f]{64}")) {
        return new Expected(Kind.SHA256, etag);
      }
      return etag != null && etag.matches("[0-9a-f]{40}")
          ? new Expected(Kind.GIT_BLOB, etag)
          : null;
    }

    String of(Path file) throws IOException {
      return kind == Kind.SHA256 ? Digests.sha256(file) : Digests.gitBlob(file);
    }
  }
}
