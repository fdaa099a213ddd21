package io.otium.lm.format;

import org.jspecify.annotations.Nullable;

/** Types of GGUF metadata. */
public enum GgufType {
  UINT8(0, 1),
  INT8(1, 1),
  UINT16(2, 2),
  INT16(3, 2),
  UINT32(4, 4),
  INT32(5, 4),
  FLOAT32(6, 4),
  BOOL(7, 1),
  /** A 64-bit length and so many bytes of UTF-8. */
  STRING(8, 8),
  /** A 32-bit element type, a 64-bit length and so many elements. */
  ARRAY(9, 12),
  UINT64(10, 8),
  INT64(11, 8),
  FLOAT64(12, 8);

  private final int id;
  private final int leastBytes;

  GgufType(int id, int leastBytes) {
    this.id = id;
    this.leastBytes = leastBytes;
  }

  /** The type's number in the file. */
  int id() {
    return id;
  }

  /** Bytes of a value; of an empty one where lengths vary. */
  int leastBytes() {
    return leastBytes;
  }

  static @Nullable GgufType ofId(int id) {
    for (GgufType type : values()) if (type.id == id) return type;
    return null;
  }
}
