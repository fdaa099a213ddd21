package io.otium.lm.format;

/**
 * ggml's "K" blocks of 256 numbers, which hold sub-blocks of 16 or 32 with small integer scales of
 * their own under one float16 scale {@code d} (and one for the minima, {@code dmin}).
 */
final class KBlocks {
  private static final int SIZE = 256;

  private KBlocks() {}

  /**
   * {@code scales[16], q[64], d, dmin}; a scale byte is a 4-bit scale under a 4-bit minimum. Each
   * half of 128 numbers has 32 bytes of q, whose four bit pairs are four runs of 32.
   */
  static void q2_k(byte[] in, int blocks, float[] out, int at) {
    for (int b = 0, from = 0; b < blocks; b++, from += 84, at += SIZE) {
      float d = LittleEndian.getFloat16(in, from + 80);
      float dmin = LittleEndian.getFloat16(in, from + 82);
      for (int sub = 0; sub < 16; sub++) {
        int scale = in[from + sub];
        float step = d * (scale & 0xF);
        float minimum = dmin * (scale >> 4 & 0xF);
        int q = from + 16 + sub / 8 * 32 + sub % 2 * 16;
        int shift = sub % 8 / 2 * 2;
        int to = at + sub * 16;
        for (int j = 0; j < 16; j++) out[to + j] = step * (in[q + j] >> shift & 3) - minimum;
      }
    }
  }

  /** {@code high[32], q[64], scales[12], d}: d (scale − 32) (q + 4 high − 4), 6-bit scales. */
  static void q3_k(byte[] in, int blocks, float[] out, int at) {
    for (int b = 0, from = 0; b < blocks; b++, from += 110, at += SIZE) {
      float d = LittleEndian.getFloat16(in, from + 108);
      for (int sub = 0; sub < 16; sub++) {
        // Low four bits in the nibbles of the first 8 bytes, high two bits in the last 4.
        int low = in[from + 96 + sub % 8] >> sub / 8 * 4 & 0xF;
        int high = in[from + 104 + sub % 4] >> sub / 4 * 2 & 3;
        float step = d * ((low | high << 4) - 32);
        int q = from + 32 + sub / 8 * 32 + sub % 2 * 16;
        int mask = from + sub % 2 * 16;
        int shift = sub % 8 / 2 * 2;
        int bit = sub / 2;
        int to = at + sub * 16;
        for (int j = 0; j < 16; j++) {
          out[to + j] = step * ((in[q + j] >> shift & 3 | (in[mask + j] >> bit & 1) << 2) - 4);
        }
      }
    }
  }

  /** {@code d, dmin, scales[12], q[128]}: each 32 bytes of q are two runs of 32 by nibble. */
  static void q4_k(byte[] in, int blocks, float[] out, int at) {
    for (int b = 0, from = 0; b < blocks; b++, from += 144, at += SIZE) {
      float d = LittleEndian.getFloat16(in, from);
      float dmin = LittleEndian.getFloat16(in, from + 2);
      for (int sub = 0; sub < 8; sub++) {
        float step = d * scale6(in, from + 4, sub);
        float minimum = dmin * minimum6(in, from + 4, sub);
        int q = from + 16 + sub / 2 * 32;
        int shift = sub % 2 * 4;
        int to = at + sub * 32;
        for (int j = 0; j < 32; j++) out[to + j] = step * (in[q + j] >> shift & 0xF) - minimum;
      }
    }
  }

  /** {@code d, dmin, scales[12], fifth[32], q[128]}: Q4_K with a fifth bit, one plane a run. */
  static void q5_k(byte[] in, int blocks, float[] out, int at) {
    for (int b = 0, from = 0; b < blocks; b++, from += 176, at += SIZE) {
      float d = LittleEndian.getFloat16(in, from);
      float dmin = LittleEndian.getFloat16(in, from + 2);
      for (int sub = 0; sub < 8; sub++) {
        float step = d * scale6(in, from + 4, sub);
        float minimum = dmin * minimum6(in, from + 4, sub);
        int fifth = from + 16;
        int q = from + 48 + sub / 2 * 32;
        int shift = sub % 2 * 4;
        int to = at + sub * 32;
        for (int j = 0; j < 32; j++) {
          int level = in[q + j] >> shift & 0xF | (in[fifth + j] >> sub & 1) << 4;
          out[to + j] = step * level - minimum;
        }
      }
    }
  }

  /** {@code low[128], high[64], scales[16], d}: d scale (q − 32), 16 numbers a signed scale. */
  static void q6_k(byte[] in, int blocks, float[] out, int at) {
    for (int b = 0, from = 0; b < blocks; b++, from += 210, at += SIZE) {
      float d = LittleEndian.getFloat16(in, from + 208);
      for (int sub = 0; sub < 16; sub++) {
        float step = d * in[from + 192 + sub];
        // Within a half of 128 numbers: four runs of 32; runs 0, 2 and 1, 3 share bytes of low.
        int run = sub % 8 / 2;
        int low = from + sub / 8 * 64 + run % 2 * 32 + sub % 2 * 16;
        int high = from + 128 + sub / 8 * 32 + sub % 2 * 16;
        int lowShift = run / 2 * 4;
        int highShift = run * 2;
        int to = at + sub * 16;
        for (int j = 0; j < 16; j++) {
          int q = in[low + j] >> lowShift & 0xF | (in[high + j] >> highShift & 3) << 4;
          out[to + j] = step * (q - 32);
        }
      }
    }
  }

  /** {@code d (float32), q[256], sums[16]}: d q; the sums serve dot products only. */
  static void q8_k(byte[] in, int blocks, float[] out, int at) {
    for (int b = 0, from = 0; b < blocks; b++, from += 292, at += SIZE) {
      float d = Float.intBitsToFloat(LittleEndian.getInt(in, from));
      for (int j = 0; j < SIZE; j++) out[at + j] = d * in[from + 4 + j];
    }
  }

  /** Scale {@code sub} of the eight 6-bit scales and eight 6-bit minima packed in 12 bytes. */
  private static int scale6(byte[] in, int scales, int sub) {
    if (sub < 4) return in[scales + sub] & 63;
    return in[scales + sub + 4] & 0xF | (in[scales + sub - 4] >> 6 & 3) << 4;
  }

  private static int minimum6(byte[] in, int scales, int sub) {
    if (sub < 4) return in[scales + sub + 4] & 63;
    return in[scales + sub + 4] >> 4 & 0xF | (in[scales + sub] >> 6 & 3) << 4;
  }
}
