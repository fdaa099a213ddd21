package io.otium.lm.format;

/** Turns floats into blocks of one {@link TensorType}. Implementations keep no state. */
@FunctionalInterface
interface BlockEncoder {
  /**
   * Encodes {@code blocks} blocks of numbers from the start of {@code in} to the start of {@code
   * out}.
   *
   * @throws NotEncodable at the first number that the type cannot hold
   */
  void encode(float[] in, int blocks, byte[] out) throws NotEncodable;

  /** A number that the type cannot hold; the writer that knows tensor and file says the rest. */
  final class NotEncodable extends Exception {
    final int index;

    NotEncodable(int index) {
      super(null, null, false, false);
      this.index = index;
    }
  }

  /**
   * @throws IllegalArgumentException for a type that is read only
   */
  static BlockEncoder of(TensorType type) {
    return switch (type) {
      case F32 -> Encoders::f32;
      case F16 -> Encoders::f16;
      case BF16 -> Encoders::bf16;
      case Q8_0 -> Encoders::q8_0;
      case Q4_0 -> Encoders::q4_0;
      default ->
          throw new IllegalArgumentException(
              "numbers cannot be converted to "
                  + type
                  + "; allowed are F32, F16, BF16, Q8_0 and Q4_0");
    };
  }
}
