package io.otium.lm.format;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A GGUF file (versions 2 and 3, little endian), memory-mapped: opening reads the header alone.
 * Metadata outlives {@link #close()}, tensors do not.
 */
public final class GgufFile implements TensorSource {
  private static final byte[] MAGIC = {'G', 'G', 'U', 'F'};

  private final Path path;
  private final Arena arena;
  private final int version;
  private final Map<String, GgufValue> values;
  private final Map<String, Object> metadata;
  private final Map<String, TensorData> tensors;

  private GgufFile(
      Path path, Arena arena, GgufParser.Header header, Map<String, TensorData> tensors) {
    this.path = path;
    this.arena = arena;
    this.version = header.version();
    this.values = Collections.unmodifiableMap(header.values());
    var plain = new LinkedHashMap<String, Object>();
    header.values().forEach((key, value) -> plain.put(key, value.value()));
    this.metadata = Collections.unmodifiableMap(plain);
    this.tensors = tensors;
  }

  /**
   * Maps the file and reads its header.
   *
   * @throws FormatException if it is malformed, or one part of a split model
   */
  public static GgufFile open(Path path) throws IOException {
    var arena = Arena.ofShared();
    try {
      MemorySegment file = Mapping.of(path, arena);
      GgufParser.Header header = new GgufParser(path, file).parse();
      GgufValue split = header.values().get("split.count");
      if (split != null && split.value() instanceof Long parts && parts > 1) {
        throw new FormatException(
            path, "is one part of %d; merge them with llama-gguf-split --merge".formatted(parts));
      }
      var ranges = new TensorRanges(path, header.dataStart(), file.byteSize());
      var tensors = new LinkedHashMap<String, TensorData>();
      for (GgufParser.TensorEntry entry : header.tensors()) {
        long bytes = ranges.bytes(entry.name(), entry.type(), entry.shape());
        long begin = ranges.claim(entry.name(), entry.offset(), bytes);
        var tensor =
            new TensorData(entry.name(), entry.type(), entry.shape(), file.asSlice(begin, bytes));
        if (tensors.put(entry.name(), tensor) != null) {
          throw new FormatException(
              path, "tensor '" + entry.name() + "' occurs twice; names must be unique");
        }
      }
      ranges.checkNoOverlap();
      return new GgufFile(path, arena, header, tensors);
    } catch (Throwable e) {
      arena.close();
      throw e;
    }
  }

  /** Whether the file begins with GGUF's magic; false if it cannot be read. */
  static boolean startsLikeOne(Path path) {
    try (InputStream in = Files.newInputStream(path)) {
      return Arrays.equals(in.readNBytes(MAGIC.length), MAGIC);
    } catch (IOException unreadable) {
      return false; // whoever opens it says why
    }
  }

  @Override
  public Path path() {
    return path;
  }

  /** The file format's version: 2 or 3. */
  public int version() {
    return version;
  }

  @Override
  public Set<String> names() {
    return Collections.unmodifiableSet(tensors.keySet());
  }

  @Override
  public @Nullable TensorData get(String name) {
    return tensors.get(name);
  }

  /** The values alone, as {@link GgufValue#value()} describes them. */
  @Override
  public Map<String, Object> metadata() {
    return metadata;
  }

  /** The values with their types, as {@link GgufWriter} takes them. */
  public Map<String, GgufValue> values() {
    return values;
  }

  /**
   * A whole number of any width.
   *
   * @throws FormatException if the key is missing, no whole number or does not fit an int
   */
  public int integer(String key) throws FormatException {
    Long value = present(key, optional(key, Long.class));
    return narrow(key, value);
  }

  public int integer(String key, int otherwise) throws FormatException {
    Long value = optional(key, Long.class);
    return value == null ? otherwise : narrow(key, value);
  }

  public float number(String key, float otherwise) throws FormatException {
    Number value = optional(key, Number.class);
    return value == null ? otherwise : value.floatValue();
  }

  /**
   * A number of any kind.
   *
   * @throws FormatException if the key is missing or no number
   */
  public float number(String key) throws FormatException {
    return present(key, optional(key, Number.class)).floatValue();
  }

  public boolean flag(String key, boolean otherwise) throws FormatException {
    Boolean value = optional(key, Boolean.class);
    return value == null ? otherwise : value;
  }

  /**
   * A text.
   *
   * @throws FormatException if the key is missing or no string
   */
  public String string(String key) throws FormatException {
    return present(key, optional(key, String.class));
  }

  /** A text, or null where the key is missing. */
  public @Nullable String stringOrNull(String key) throws FormatException {
    return optional(key, String.class);
  }

  /**
   * An array of strings, decoded one by one as they are asked for; empty if the key is missing.
   *
   * @throws FormatException if it is something else
   */
  @SuppressWarnings("unchecked") // the element type was checked
  public List<String> strings(String key) throws FormatException {
    GgufValue value = values.get(key);
    if (value == null) return List.of();
    if (value.element() != GgufType.STRING) throw wrongType(key, "an array of strings", value);
    return (List<String>) value.value();
  }

  /** An array of whole numbers up to 32 bits; null if the key is missing. */
  public int @Nullable [] integers(String key) throws FormatException {
    return optional(key, int[].class);
  }

  /** An array of FLOAT32; null if the key is missing. */
  public float @Nullable [] numbers(String key) throws FormatException {
    return optional(key, float[].class);
  }

  private <T> @Nullable T optional(String key, Class<T> type) throws FormatException {
    GgufValue value = values.get(key);
    if (value == null) return null;
    if (!type.isInstance(value.value())) throw wrongType(key, type.getSimpleName(), value);
    return type.cast(value.value());
  }

  private <T> T present(String key, @Nullable T value) throws FormatException {
    if (value == null) throw new FormatException(path, "has no metadata '" + key + "'");
    return value;
  }

  private int narrow(String key, long value) throws FormatException {
    if (value != (int) value) {
      throw new FormatException(
          path,
          "metadata '%s' is %d; allowed is %d to %d"
              .formatted(key, value, Integer.MIN_VALUE, Integer.MAX_VALUE));
    }
    return (int) value;
  }

  private FormatException wrongType(String key, String expected, GgufValue value) {
    return new FormatException(
        path,
        "metadata '%s' is %s%s where %s is needed"
            .formatted(
                key,
                value.type(),
                value.element() == null ? "" : " of " + value.element(),
                expected));
  }

  @Override
  public void close() {
    if (arena.scope().isAlive()) arena.close();
  }
}
