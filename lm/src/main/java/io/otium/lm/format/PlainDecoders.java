package io.otium.lm.format;

/** Types without blocks: every number stands for itself. */
final class PlainDecoders {
  private PlainDecoders() {}

  static void f32(byte[] in, int count, float[] out, int at) {
    for (int i = 0; i < count; i++) {
      out[at + i] = Float.intBitsToFloat(LittleEndian.getInt(in, i * 4));
    }
  }

  static void f16(byte[] in, int count, float[] out, int at) {
    for (int i = 0; i < count; i++) out[at + i] = LittleEndian.getFloat16(in, i * 2);
  }

  static void bf16(byte[] in, int count, float[] out, int at) {
    for (int i = 0; i < count; i++) {
      out[at + i] = Float.intBitsToFloat(LittleEndian.getShort(in, i * 2) << 16);
    }
  }

  static void f64(byte[] in, int count, float[] out, int at) {
    for (int i = 0; i < count; i++) {
      out[at + i] = (float) Double.longBitsToDouble(LittleEndian.getLong(in, i * 8));
    }
  }

  static void i8(byte[] in, int count, float[] out, int at) {
    for (int i = 0; i < count; i++) out[at + i] = in[i];
  }

  static void u8(byte[] in, int count, float[] out, int at) {
    for (int i = 0; i < count; i++) out[at + i] = in[i] & 0xFF;
  }

  static void i16(byte[] in, int count, float[] out, int at) {
    for (int i = 0; i < count; i++) out[at + i] = LittleEndian.getShort(in, i * 2);
  }

  static void i32(byte[] in, int count, float[] out, int at) {
    for (int i = 0; i < count; i++) out[at + i] = (float) LittleEndian.getInt(in, i * 4);
  }

  static void i64(byte[] in, int count, float[] out, int at) {
    for (int i = 0; i < count; i++) out[at + i] = (float) LittleEndian.getLong(in, i * 8);
  }
}
