package io.otium.lm.format;

/** Turns blocks of one {@link TensorType} into floats. Implementations keep no state. */
@FunctionalInterface
interface BlockDecoder {
  /**
   * Decodes {@code blocks} blocks that lie one after another at the start of {@code in} into {@code
   * out} from index {@code at} on.
   */
  void decode(byte[] in, int blocks, float[] out, int at);

  static BlockDecoder of(TensorType type) {
    return switch (type) {
      case F32 -> PlainDecoders::f32;
      case F16 -> PlainDecoders::f16;
      case BF16 -> PlainDecoders::bf16;
      case F64 -> PlainDecoders::f64;
      case I8 -> PlainDecoders::i8;
      case I16 -> PlainDecoders::i16;
      case I32 -> PlainDecoders::i32;
      case I64 -> PlainDecoders::i64;
      case U8, BOOL -> PlainDecoders::u8;
      case Q4_0 -> Blocks32::q4_0;
      case Q4_1 -> Blocks32::q4_1;
      case Q5_0 -> Blocks32::q5_0;
      case Q5_1 -> Blocks32::q5_1;
      case Q8_0 -> Blocks32::q8_0;
      case IQ4_NL -> Blocks32::iq4_nl;
      case Q2_K -> KBlocks::q2_k;
      case Q3_K -> KBlocks::q3_k;
      case Q4_K -> KBlocks::q4_k;
      case Q5_K -> KBlocks::q5_k;
      case Q6_K -> KBlocks::q6_k;
      case Q8_K -> KBlocks::q8_k;
    };
  }
}
