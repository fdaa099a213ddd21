package io.otium.lm.hub;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which parts of a {@code .part} file have arrived, so that a process that was killed goes on where
 * it was. It lags behind the file, never ahead: bytes are written first.
 */
final class Journal {
  /** A stretch of the file that one request fetches; {@code done} grows from 0 to its length. */
  static final class Segment {
    final long from;

    /** First byte that is not part of it; {@code Long.MAX_VALUE} while the size is unknown. */
    final long to;

    volatile long done;

    Segment(long from, long to, long done) {
      this.from = from;
      this.to = to;
      this.done = done;
    }

    /** Only by the one thread that fetches the segment. */
    void advance(int bytes) {
      long before = done;
      done = before + bytes;
    }

    long next() {
      return from + done;
    }

    boolean isComplete() {
      return next() >= to;
    }
  }

  private static final long SAVE_EVERY_NANOS = 300_000_000;

  private final Path file;
  final long size;
  final @Nullable String etag;
  final List<Segment> segments;
  private long saved = System.nanoTime();

  Journal(Path file, long size, @Nullable String etag, List<Segment> segments) {
    this.file = file;
    this.size = size;
    this.etag = etag;
    this.segments = List.copyOf(segments);
  }

  long done() {
    return segments.stream().mapToLong(segment -> segment.done).sum();
  }

  /** Writes it, but not too often. */
  synchronized void saveSometimes() throws IOException {
    if (System.nanoTime() - saved >= SAVE_EVERY_NANOS) {
      save();
    }
  }

  synchronized void save() throws IOException {
    var root = ModelManifest.JSON.createObjectNode().put("size", size).put("etag", etag);
    var list = root.putArray("segments");
    for (Segment segment : segments) {
      list.addArray().add(segment.from).add(segment.to).add(segment.done);
    }
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    Files.write(fresh, ModelManifest.JSON.writeValueAsBytes(root));
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    saved = System.nanoTime();
  }

  /**
   * What an earlier try left, if it is of the same file: same size and etag, and segments that
   * cover it. Anything else is worth nothing.
   */
  static @Nullable Journal load(Path file, Path part, long size, @Nullable String etag) {
    if (etag == null || !Files.exists(file) || !Files.exists(part)) {
      return null;
    }
    try {
      if (Files.size(file) > 1 << 16) {
        return null;
      }
      JsonNode root = ModelManifest.JSON.readTree(file.toFile());
      if (root.path("size").asLong(-1) != size || !root.path("etag").asText("").equals(etag)) {
        return null;
      }
      long on = Files.size(part);
      long at = 0;
      List<Segment> segments = new ArrayList<>();
      for (JsonNode entry : root.path("segments")) {
        Segment segment =
            new Segment(
                entry.path(0).asLong(-1), entry.path(1).asLong(-1), entry.path(2).asLong(-1));
        boolean sane =
            segment.from == at
                && segment.to > at
                && segment.done >= 0
                && segment.next() <= segment.to
                && (segment.done == 0 || segment.next() <= on);
        if (!sane || segments.size() >= 64) {
          return null;
        }
        at = segment.to;
        segments.add(segment);
      }
      return at == size ? new Journal(file, size, etag, segments) : null;
    } catch (IOException e) {
      return null;
    }
  }
}
