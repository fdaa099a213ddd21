package io.otium.lm.hub;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Digests of files. */
final class Digests {
  private Digests() {}

  /** SHA-256 in hex, lower case. */
  static String sha256(Path file) throws IOException {
    return hex(update(of("SHA-256"), file));
  }

  /** The name that git gives the file's content: SHA-1 of {@code "blob SIZE\0"} and the bytes. */
  static String gitBlob(Path file) throws IOException {
    MessageDigest digest = of("SHA-1");
    String header = "blob " + java.nio.file.Files.size(file) + "\0";
    digest.update(header.getBytes(StandardCharsets.US_ASCII));
    return hex(update(digest, file));
  }

  static MessageDigest of(String algorithm) {
    try {
      return MessageDigest.getInstance(algorithm);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest update(MessageDigest digest, Path file) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(1 << 18);
    try (FileChannel channel = FileChannel.open(file)) {
      while (channel.read(buffer) >= 0) {
        digest.update(buffer.flip());
        buffer.clear();
      }
    }
    return digest;
  }
}
