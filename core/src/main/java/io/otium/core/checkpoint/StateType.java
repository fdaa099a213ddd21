package io.otium.core.checkpoint;

import java.util.Arrays;
import java.util.stream.Collectors;

/** How a tensor's numbers are stored; the names are those of safetensors files. */
public enum StateType {
  F64(8),
  F32(4),
  F16(2),
  BF16(2),
  F8_E4M3(1),
  F8_E5M2(1),
  I64(8),
  I32(4),
  I16(2),
  I8(1),
  U8(1),
  BOOL(1);

  private final int bytes;

  StateType(int bytes) {
    this.bytes = bytes;
  }

  /** Bytes of one number. */
  public int bytes() {
    return bytes;
  }

  /**
   * The type of a name such as {@code BF16}.
   *
   * @throws CheckpointException for another name, with those that are known
   */
  public static StateType named(String name) {
    for (StateType type : values()) {
      if (type.name().equals(name)) {
        return type;
      }
    }
    String known = Arrays.stream(values()).map(Enum::name).collect(Collectors.joining(", "));
    throw new CheckpointException("dtype " + name + " is unknown; known are " + known);
  }
}
