package io.otium.lm.format;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Safetensors, memory-mapped: one file, or the shards that an index names. */
public final class SafetensorsFile implements TensorSource {
  static final String SINGLE = "model.safetensors";
  static final String INDEX = "model.safetensors.index.json";

  private final Path path;
  private final List<Arena> arenas = new ArrayList<>();
  private final Map<String, TensorData> tensors = new LinkedHashMap<>();
  private final Map<String, Object> metadata = new LinkedHashMap<>();

  private SafetensorsFile(Path path) {
    this.path = path;
  }

  /**
   * Maps the files and reads their headers.
   *
   * @param path a {@code .safetensors} file, a {@code .safetensors.index.json}, or a directory with
   *     {@code model.safetensors.index.json} or {@code model.safetensors}
   * @throws FormatException if there is none of these or one is malformed
   */
  public static SafetensorsFile open(Path path) throws IOException {
    Path start = path;
    if (Files.isDirectory(path)) {
      start = path.resolve(INDEX);
      if (!Files.exists(start)) start = path.resolve(SINGLE);
      if (!Files.exists(start)) {
        throw new FormatException(path, "holds neither " + SINGLE + " nor " + INDEX);
      }
    }
    var opened = new SafetensorsFile(path);
    try {
      if (start.toString().endsWith(".json")) {
        opened.openShards(start);
      } else {
        opened.tensors.putAll(opened.openShard(start));
      }
      return opened;
    } catch (Throwable e) {
      opened.close();
      throw e;
    }
  }

  private void openShards(Path index) throws IOException {
    if (Files.exists(index) && Files.size(index) > SafetensorsHeader.MAX_HEADER_BYTES) {
      throw new FormatException(
          index, "is larger than the " + SafetensorsHeader.MAX_HEADER_BYTES + " bytes allowed");
    }
    byte[] json;
    try (Arena mapped = Arena.ofConfined()) {
      json = Mapping.of(index, mapped).toArray(ValueLayout.JAVA_BYTE);
    }
    Map<String, String> files = SafetensorsHeader.readIndex(index, json);
    var shards = new LinkedHashMap<String, Map<String, TensorData>>();
    for (var entry : files.entrySet()) {
      String file = entry.getValue();
      Map<String, TensorData> shard = shards.get(file);
      if (shard == null) {
        shard = openShard(beside(index, file));
        shards.put(file, shard);
      }
      TensorData tensor = shard.get(entry.getKey());
      if (tensor == null) {
        throw new FormatException(
            index, "says that '%s' is in %s, which lacks it".formatted(entry.getKey(), file));
      }
      tensors.put(entry.getKey(), tensor);
    }
  }

  /** A shard's path: an index from elsewhere must not lead out of its folder. */
  private static Path beside(Path index, String file) throws FormatException {
    boolean plain = !file.isEmpty() && !file.equals(".") && !file.equals("..");
    if (!plain || file.chars().anyMatch(c -> c == '/' || c == '\\' || c == 0)) {
      throw new FormatException(
          index, "names the file '" + file + "'; allowed are names without a path");
    }
    return index.resolveSibling(file);
  }

  private Map<String, TensorData> openShard(Path file) throws IOException {
    var arena = Arena.ofShared();
    arenas.add(arena);
    MemorySegment mapped = Mapping.of(file, arena);
    SafetensorsHeader header = SafetensorsHeader.read(file, mapped);
    var ranges = new TensorRanges(file, header.dataStart(), mapped.byteSize());
    var found = new LinkedHashMap<String, TensorData>();
    for (var named : header.tensors().entrySet()) {
      String name = named.getKey();
      SafetensorsHeader.Entry entry = named.getValue();
      long bytes = ranges.bytes(name, entry.type(), entry.shape());
      if (entry.end() - entry.begin() != bytes) {
        throw new FormatException(
            file,
            "tensor '%s' has data_offsets [%d, %d]; %s %s takes %d bytes"
                .formatted(
                    name,
                    entry.begin(),
                    entry.end(),
                    entry.type(),
                    Arrays.toString(entry.shape()),
                    bytes));
      }
      long begin = ranges.claim(name, entry.begin(), bytes);
      found.put(
          name, new TensorData(name, entry.type(), entry.shape(), mapped.asSlice(begin, bytes)));
    }
    ranges.checkNoOverlap();
    ranges.checkNoHoles();
    metadata.putAll(header.metadata());
    return found;
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public Set<String> names() {
    return Collections.unmodifiableSet(tensors.keySet());
  }

  @Override
  public @Nullable TensorData get(String name) {
    return tensors.get(name);
  }

  /** The strings under {@code __metadata__}, of all shards together. */
  @Override
  public Map<String, Object> metadata() {
    return Collections.unmodifiableMap(metadata);
  }

  @Override
  public void close() {
    for (Arena arena : arenas) if (arena.scope().isAlive()) arena.close();
  }
}
