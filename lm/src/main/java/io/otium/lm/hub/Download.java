package io.otium.lm.hub;

import io.otium.lm.hub.Journal.Segment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * One file from a server to disk: a large one in several ranges at once, into {@code NAME.part}
 * with a {@link Journal} beside it, checked by its digest, and only then called by its name. A
 * connection that breaks is taken up again where it broke.
 */
final class Download {
  /** Smaller files come in one piece; also the least that a range holds. */
  static final long LEAST_RANGE = 8L << 20;

  private static final int MOST_RANGES = 4;

  /** The file is not what it was when the download began. */
  private static final class Changed extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  /** What the server said of the file: its size (-1 unknown), whether it serves ranges. */
  private record Probe(long size, @Nullable String etag, boolean ranges) {}

  private final Transport transport;
  private final Disk disk;
  private final Semaphore connections;
  private final long leastRange;
  private final RemoteFile file;
  private final Path target;
  private final Path part;
  private final Path journalFile;
  private final ProgressListener listener;

  /**
   * Prepares a download.
   *
   * @param connections shared by all downloads of a pull
   * @param leastRange bytes; {@link #LEAST_RANGE} but in tests
   */
  Download(
      Transport transport,
      Disk disk,
      Semaphore connections,
      long leastRange,
      RemoteFile file,
      Path target,
      ProgressListener listener) {
    this.transport = transport;
    this.disk = disk;
    this.connections = connections;
    this.leastRange = leastRange;
    this.file = file;
    this.target = target;
    this.part = target.resolveSibling(target.getFileName() + ".part");
    this.journalFile = target.resolveSibling(target.getFileName() + ".part.json");
    this.listener = listener;
  }

  /**
   * Fetches the file.
   *
   * @throws PullException if it cannot be had
   */
  void run() throws IOException {
    Files.createDirectories(target.resolveSibling(""));
    int changes = 0;
    int wrong = 0;
    while (!isThere()) {
      try {
        RemoteFile.Expected expected = fetch();
        String digest = expected == null ? "" : expected.of(part);
        if (expected == null || digest.equals(expected.hex())) {
          Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
          Files.deleteIfExists(journalFile);
          return;
        }
        discard();
        if (++wrong > 1) {
          throw new PullException(
              "%s from %s has the digest %s instead of %s, twice; it was deleted, and the server or what stands between is at fault"
                  .formatted(file.name(), file.uri().getHost(), digest, expected.hex()));
        }
        listener.onNote(file.name() + " arrived damaged and is fetched again");
      } catch (Changed e) {
        discard();
        if (++changes > 2) {
          throw new PullException(
              "%s keeps changing on %s while it is fetched; pull again later"
                  .formatted(file.name(), file.uri().getHost()),
              e);
        }
        listener.onNote(file.name() + " changed on the server and is fetched again");
      }
    }
  }

  /** Bytes of it on disk already. */
  long arrived() throws IOException {
    if (Files.exists(target)) {
      return Files.size(target);
    }
    return Files.exists(part) ? Files.size(part) : 0;
  }

  /** Whether an earlier pull has finished this file. */
  private boolean isThere() throws IOException {
    if (!Files.exists(target)) {
      return false;
    }
    RemoteFile.Expected expected = file.expected();
    if (expected != null && expected.of(target).equals(expected.hex())) {
      listener.onProgress(file.name(), Files.size(target), Files.size(target));
      return true;
    }
    Files.delete(target);
    return false;
  }

  private void discard() throws IOException {
    Files.deleteIfExists(part);
    Files.deleteIfExists(journalFile);
  }

  /** Fills the part file; returns the digest that it must have, if anybody knows it. */
  private RemoteFile.@Nullable Expected fetch() throws IOException {
    boolean simple = file.size() >= 0 && file.size() < leastRange && !Files.exists(journalFile);
    Probe probe = simple ? new Probe(file.size(), null, false) : probe();
    RemoteFile.Expected expected = file.expected();
    if (expected == null) {
      expected = RemoteFile.Expected.ofEtag(probe.etag());
    }
    // A digest names the content as well as an etag does.
    String identity = expected == null ? probe.etag() : expected.hex();
    Journal journal =
        probe.ranges() ? Journal.load(journalFile, part, probe.size(), identity) : null;
    if (journal == null) {
      discard();
      journal = new Journal(journalFile, probe.size(), identity, layout(probe));
    }
    if (probe.size() == 0) {
      disk.copy(java.io.InputStream.nullInputStream(), part, done -> {});
      return expected;
    }
    Journal plan = journal;
    try (Disk.Sink sink = disk.open(part)) {
      List<java.util.concurrent.Callable<Object>> tasks = new ArrayList<>();
      for (Segment segment : plan.segments) {
        if (!segment.isComplete()) {
          tasks.add(
              () -> {
                fetch(segment, plan, probe, sink);
                return segment;
              });
        }
      }
      try {
        if (!tasks.isEmpty()) {
          Parallel.run(tasks);
        }
      } finally {
        if (probe.ranges()) {
          plan.save();
        }
      }
      sink.truncate(plan.done());
    }
    return expected;
  }

  private List<Segment> layout(Probe probe) {
    if (probe.size() < 0) {
      return List.of(new Segment(0, Long.MAX_VALUE, 0));
    }
    int count =
        probe.ranges() ? (int) Math.clamp(probe.size() / leastRange, 1, (long) MOST_RANGES) : 1;
    List<Segment> segments = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      segments.add(new Segment(probe.size() / count * i, end(probe.size(), count, i), 0));
    }
    return segments;
  }

  private static long end(long size, int count, int i) {
    return i == count - 1 ? size : size / count * (i + 1);
  }

  /** Asks for the first byte alone, to hear of the file and whether ranges are served. */
  private Probe probe() {
    Retries retries = new Retries(transport, file.uri());
    while (true) {
      try (Transport.Reply reply =
          transport.get(file.uri(), file.auth(), Map.of("Range", "bytes=0-0"))) {
        long stated = file.size() >= 0 ? file.size() : reply.linkedSize();
        if (reply.status() == 206) {
          long total = total(reply);
          if (total < 0 || (stated >= 0 && total != stated)) {
            throw new Changed();
          }
          return new Probe(total, reply.etag(), true);
        }
        if (reply.status() == 200 || reply.status() == 416) {
          long length = Transport.number(reply.header("Content-Length"));
          boolean empty = reply.status() == 416;
          return new Probe(empty ? 0 : stated >= 0 ? stated : length, reply.etag(), false);
        }
        throw Transport.refusal(reply, file.refusals());
      } catch (IOException e) {
        retries.failed(e);
      }
    }
  }

  /** A segment to its end, over as many connections as that takes. */
  private void fetch(Segment segment, Journal journal, Probe probe, Disk.Sink sink) {
    Retries retries = new Retries(transport, file.uri());
    while (!segment.isComplete()) {
      long before = segment.done;
      try {
        connections.acquire();
        try {
          if (request(segment, journal, probe, sink)) {
            return;
          }
        } finally {
          connections.release();
        }
      } catch (IOException e) {
        if (probe.ranges() && segment.done > before) {
          retries.progressed();
        }
        retries.failed(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CancellationException("The pull was interrupted");
      }
    }
  }

  /** One request for the rest of a segment; returns whether the segment is complete. */
  private boolean request(Segment segment, Journal journal, Probe probe, Disk.Sink sink)
      throws IOException {
    Map<String, String> headers = Map.of();
    if (probe.ranges()) {
      headers = Map.of("Range", "bytes=%d-%d".formatted(segment.next(), segment.to - 1));
    } else {
      segment.done = 0; // nothing to resume with: from the start
    }
    try (Transport.Reply reply = transport.get(file.uri(), file.auth(), headers)) {
      if (reply.status() != 200 && reply.status() != 206) {
        if (reply.status() == 416) {
          throw new Changed();
        }
        throw Transport.refusal(reply, file.refusals());
      }
      check(reply, segment, probe);
      byte[] buffer = new byte[1 << 17];
      while (true) {
        int n = reply.body().read(buffer, 0, buffer.length);
        if (n < 0) {
          if (segment.isComplete() || segment.to == Long.MAX_VALUE) {
            return true;
          }
          throw new IOException("the connection was cut");
        }
        if (segment.next() + n > segment.to) {
          throw new Changed(); // more than the file has
        }
        write(sink, buffer, n, segment.next());
        segment.advance(n);
        if (probe.ranges()) {
          journal.saveSometimes();
        }
        listener.onProgress(file.name(), journal.done(), probe.size());
      }
    }
  }

  /** Whether an answer is still about the file that the probe saw, and the place asked for. */
  private static void check(Transport.Reply reply, Segment segment, Probe probe) {
    if (probe.ranges()) {
      String start = "bytes " + segment.next() + "-";
      boolean place =
          reply.status() == 206
              && reply.header("Content-Range").startsWith(start)
              && total(reply) == probe.size();
      boolean same = probe.etag() == null || probe.etag().equals(reply.etag());
      if (!place || !same) {
        throw new Changed();
      }
    } else {
      long length = Transport.number(reply.header("Content-Length"));
      if (reply.status() != 200 || (length >= 0 && probe.size() >= 0 && length != probe.size())) {
        throw new Changed();
      }
    }
  }

  /** The whole file's size, of {@code Content-Range: bytes 0-0/SIZE}. */
  private static long total(Transport.Reply reply) {
    String range = reply.header("Content-Range");
    return Transport.number(range.substring(range.indexOf('/') + 1));
  }

  private void write(Disk.Sink sink, byte[] bytes, int n, long position) {
    try {
      sink.write(ByteBuffer.wrap(bytes, 0, n), position);
    } catch (java.nio.channels.ClosedChannelException e) {
      throw new CancellationException("The pull was interrupted");
    } catch (IOException e) {
      throw Disk.failure(part, e);
    }
  }
}
