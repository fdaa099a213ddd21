package io.otium.lm.format;

/**
 * ggml's blocks of 32 numbers. Nibbles are split in halves: the low nibble of byte {@code j} is
 * number {@code j}, the high nibble number {@code j + 16}. {@code d} is the block's scale (float16)
 * and {@code m} its minimum.
 */
final class Blocks32 {
  private static final int SIZE = 32;
  private static final int HALF = 16;

  /** The sixteen levels of the non-linear 4-bit type. */
  private static final float[] IQ4_LEVELS = {
    -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113
  };

  private Blocks32() {}

  /** {@code d, 16 bytes of nibbles}: d (q − 8). */
  static void q4_0(byte[] in, int blocks, float[] out, int at) {
    for (int b = 0, from = 0; b < blocks; b++, from += 18, at += SIZE) {
      float d = LittleEndian.getFloat16(in, from);
      for (int j = 0; j < HALF; j++) {
        int pair = in[from + 2 + j];
        out[at + j] = d * ((pair & 0xF) - 8);
        out[at + j + HALF] = d * ((pair >> 4 & 0xF) - 8);
      }
    }
  }

  /** {@code d, m, 16 bytes of nibbles}: d q + m. */
  static void q4_1(byte[] in, int blocks, float[] out, int at) {
    for (int b = 0, from = 0; b < blocks; b++, from += 20, at += SIZE) {
      float d = LittleEndian.getFloat16(in, from);
      float m = LittleEndian.getFloat16(in, from + 2);
      for (int j = 0; j < HALF; j++) {
        int pair = in[from + 4 + j];
        out[at + j] = d * (pair & 0xF) + m;
        out[at + j + HALF] = d * (pair >> 4 & 0xF) + m;
      }
    }
  }

  /** {@code d, 32 fifth bits, 16 bytes of nibbles}: d (q − 16). */
  static void q5_0(byte[] in, int blocks, float[] out, int at) {
    for (int b = 0, from = 0; b < blocks; b++, from += 22, at += SIZE) {
      float d = LittleEndian.getFloat16(in, from);
      int fifth = LittleEndian.getInt(in, from + 2);
      for (int j = 0; j < HALF; j++) {
        int pair = in[from + 6 + j];
        out[at + j] = d * ((pair & 0xF | (fifth >> j & 1) << 4) - 16);
        out[at + j + HALF] = d * ((pair >> 4 & 0xF | (fifth >> j + HALF & 1) << 4) - 16);
      }
    }
  }

  /** {@code d, m, 32 fifth bits, 16 bytes of nibbles}: d q + m. */
  static void q5_1(byte[] in, int blocks, float[] out, int at) {
    for (int b = 0, from = 0; b < blocks; b++, from += 24, at += SIZE) {
      float d = LittleEndian.getFloat16(in, from);
      float m = LittleEndian.getFloat16(in, from + 2);
      int fifth = LittleEndian.getInt(in, from + 4);
      for (int j = 0; j < HALF; j++) {
        int pair = in[from + 8 + j];
        out[at + j] = d * (pair & 0xF | (fifth >> j & 1) << 4) + m;
        out[at + j + HALF] = d * (pair >> 4 & 0xF | (fifth >> j + HALF & 1) << 4) + m;
      }
    }
  }

  /** {@code d, 32 signed bytes}: d q. */
  static void q8_0(byte[] in, int blocks, float[] out, int at) {
    for (int b = 0, from = 0; b < blocks; b++, from += 34, at += SIZE) {
      float d = LittleEndian.getFloat16(in, from);
      for (int j = 0; j < SIZE; j++) out[at + j] = d * in[from + 2 + j];
    }
  }

  /** {@code d, 16 bytes of nibbles}: d level[q]. */
  static void iq4_nl(byte[] in, int blocks, float[] out, int at) {
    for (int b = 0, from = 0; b < blocks; b++, from += 18, at += SIZE) {
      float d = LittleEndian.getFloat16(in, from);
      for (int j = 0; j < HALF; j++) {
        int pair = in[from + 2 + j];
        out[at + j] = d * IQ4_LEVELS[pair & 0xF];
        out[at + j + HALF] = d * IQ4_LEVELS[pair >> 4 & 0xF];
      }
    }
  }
}
