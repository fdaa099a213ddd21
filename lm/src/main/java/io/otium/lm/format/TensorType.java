package io.otium.lm.format;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How a tensor's numbers are stored. The block types are ggml's: {@link #blockSize()} neighbouring
 * numbers of a row share {@link #blockBytes()} bytes, scales included.
 */
public enum TensorType {
  F32(0, "F32", 1, 4),
  F16(1, "F16", 1, 2),
  BF16(30, "BF16", 1, 2),
  F64(28, "F64", 1, 8),
  I8(24, "I8", 1, 1),
  I16(25, "I16", 1, 2),
  I32(26, "I32", 1, 4),
  I64(27, "I64", 1, 8),
  U8(-1, "U8", 1, 1),
  BOOL(-1, "BOOL", 1, 1),
  Q4_0(2, 32, 18),
  Q4_1(3, 32, 20),
  Q5_0(6, 32, 22),
  Q5_1(7, 32, 24),
  Q8_0(8, 32, 34),
  Q2_K(10, 256, 84),
  Q3_K(11, 256, 110),
  Q4_K(12, 256, 144),
  Q5_K(13, 256, 176),
  Q6_K(14, 256, 210),
  Q8_K(15, 256, 292),
  IQ4_NL(20, 32, 18);

  private final int ggufId;
  private final @Nullable String safetensorsName;
  private final int blockSize;
  private final int blockBytes;

  TensorType(int ggufId, @Nullable String safetensorsName, int blockSize, int blockBytes) {
    this.ggufId = ggufId;
    this.safetensorsName = safetensorsName;
    this.blockSize = blockSize;
    this.blockBytes = blockBytes;
  }

  TensorType(int ggufId, int blockSize, int blockBytes) {
    this(ggufId, null, blockSize, blockBytes);
  }

  /** Numbers in a block; 1 for plain types. */
  public int blockSize() {
    return blockSize;
  }

  /** Bytes of a block. */
  public int blockBytes() {
    return blockBytes;
  }

  public boolean quantised() {
    return blockSize > 1;
  }

  /**
   * Bytes that {@code elements} numbers take.
   *
   * @throws IllegalArgumentException if they are no whole number of blocks
   * @throws ArithmeticException if the answer exceeds a long
   */
  public long bytes(long elements) {
    if (elements < 0 || elements % blockSize != 0) {
      throw new IllegalArgumentException(
          elements + " elements of " + this + ": a multiple of " + blockSize + " is needed");
    }
    return Math.multiplyExact(elements / blockSize, (long) blockBytes);
  }

  /** The type's number in GGUF files; -1 if GGUF has none. */
  int ggufId() {
    return ggufId;
  }

  /** The type's name in safetensors files; null if safetensors has none. */
  @Nullable String safetensorsName() {
    return safetensorsName;
  }

  static @Nullable TensorType ofGguf(int id) {
    for (TensorType type : values()) if (type.ggufId == id && id >= 0) return type;
    return null;
  }

  static @Nullable TensorType ofSafetensors(String name) {
    for (TensorType type : values()) if (name.equals(type.safetensorsName)) return type;
    return null;
  }

  static String ggufNames() {
    return Arrays.stream(values())
        .filter(type -> type.ggufId >= 0)
        .map(type -> type + " (" + type.ggufId + ")")
        .collect(Collectors.joining(", "));
  }

  static String safetensorsNames() {
    return Arrays.stream(values())
        .filter(type -> type.safetensorsName != null)
        .map(type -> String.valueOf(type.safetensorsName))
        .collect(Collectors.joining(", "));
  }
}
