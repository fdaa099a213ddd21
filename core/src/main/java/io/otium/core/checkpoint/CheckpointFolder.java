package io.otium.core.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The files of a run's checkpoints: {@code v00000012-shard0.state} (a rank's tensors and values),
 * {@code v00000012-shard0.done} (that rank is ready), {@code v00000012.commit} (all are), and
 * {@code frozen-….state}, which several versions name.
 */
record CheckpointFolder(Path path) {
  static final String LOCK = "lock";
  private static final Pattern VERSIONED = Pattern.compile("v(\\d{8,18})(\\.commit.*|-shard.*)");
  private static final String FROZEN = "frozen-";
  private static final String STATE = ".state";
  private static final String COMMIT = ".commit";

  Path state(long version, int rank) {
    return path.resolve("v%08d-shard%d%s".formatted(version, rank, STATE));
  }

  Path done(long version, int rank) {
    return path.resolve("v%08d-shard%d.done".formatted(version, rank));
  }

  Path commit(long version) {
    return path.resolve("v%08d%s".formatted(version, COMMIT));
  }

  Path frozen(String hash) {
    return path.resolve(FROZEN + hash + STATE);
  }

  /** Versions with a commit record, broken ones too, ascending. */
  TreeSet<Long> committed() {
    TreeSet<Long> versions = new TreeSet<>();
    for (String name : names()) {
      Matcher matcher = VERSIONED.matcher(name);
      if (matcher.matches() && matcher.group(2).equals(COMMIT)) {
        versions.add(Long.parseLong(matcher.group(1)));
      }
    }
    return versions;
  }

  /** Deletes a version: first its commit record, so that no half of it ever counts. */
  void delete(long version) throws IOException {
    Files.deleteIfExists(commit(version));
    for (String name : names()) {
      Matcher matcher = VERSIONED.matcher(name);
      if (matcher.matches() && Long.parseLong(matcher.group(1)) == version) {
        Files.deleteIfExists(path.resolve(name));
      }
    }
  }

  /** Deletes what a process that died left half-written. */
  void deleteHalfWritten() throws IOException {
    Set<Long> committed = committed();
    for (String name : names()) {
      Matcher matcher = VERSIONED.matcher(name);
      boolean uncommitted =
          matcher.matches() && !committed.contains(Long.parseLong(matcher.group(1)));
      boolean part = name.endsWith(Disk.PART) && (matcher.matches() || name.startsWith(FROZEN));
      if (uncommitted || part) {
        Files.deleteIfExists(path.resolve(name));
      }
    }
  }

  /**
   * Deletes old versions, and frozen files that no version needs.
   *
   * @param keep how many of the newest stay; the newest one without NaN and infinity does, too
   * @param inUse frozen files that versions still to come may name
   */
  void prune(int keep, Collection<String> inUse) throws IOException {
    List<Long> newestFirst = new ArrayList<>(committed().descendingSet());
    boolean finite = false;
    for (int i = 0; i < newestFirst.size(); i++) {
      boolean good = isFinite(newestFirst.get(i));
      if (i >= keep && !(good && !finite)) {
        delete(newestFirst.get(i));
      }
      finite |= good;
    }
    deleteFrozen(inUse);
  }

  private boolean isFinite(long version) {
    try {
      return CommitRecord.read(commit(version)).nonFinite().isEmpty();
    } catch (CheckpointException broken) {
      return false;
    }
  }

  private void deleteFrozen(Collection<String> inUse) throws IOException {
    Set<String> needed = new HashSet<>(inUse);
    for (long version : committed()) {
      try {
        CommitRecord.read(commit(version)).files().forEach(file -> needed.add(file.file()));
      } catch (CheckpointException broken) {
        return; // which files it needs is not known
      }
    }
    for (String name : names()) {
      if (name.startsWith(FROZEN) && name.endsWith(STATE) && !needed.contains(name)) {
        Files.deleteIfExists(path.resolve(name));
      }
    }
  }

  /**
   * @throws CheckpointException if the folder cannot be read
   */
  private List<String> names() {
    if (!Files.isDirectory(path)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(path)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      throw new CheckpointException(path + " cannot be read: " + CheckpointException.reason(e), e);
    }
  }
}
