package io.otium.core.tensor;

import org.bytedeco.pytorch.global.torch;

/** What a tensor's elements are. */
public enum DType {
  F32(torch.ScalarType.Float, 4),
  F64(torch.ScalarType.Double, 8),
  BF16(torch.ScalarType.BFloat16, 2),
  F16(torch.ScalarType.Half, 2),
  I64(torch.ScalarType.Long, 8),
  I32(torch.ScalarType.Int, 4),
  I16(torch.ScalarType.Short, 2),
  I8(torch.ScalarType.Char, 1),
  U8(torch.ScalarType.Byte, 1),
  BOOL(torch.ScalarType.Bool, 1);

  /** More than any of libtorch's codes of types. */
  static final int CODES = 64;

  private static final DType[] BY_CODE = new DType[CODES];

  static {
    for (DType type : values()) BY_CODE[type.scalarType.value] = type;
  }

  final torch.ScalarType scalarType;
  private final int bytes;

  DType(torch.ScalarType scalarType, int bytes) {
    this.scalarType = scalarType;
    this.bytes = bytes;
  }

  /** Of one element. */
  public int bytes() {
    return bytes;
  }

  public boolean isFloatingPoint() {
    return this == F32 || this == F64 || this == BF16 || this == F16;
  }

  static DType of(torch.ScalarType type) {
    DType found = type.value < BY_CODE.length ? BY_CODE[type.value] : null;
    if (found == null) throw new TensorException("Otium has no tensors of libtorch's type " + type);
    return found;
  }
}
