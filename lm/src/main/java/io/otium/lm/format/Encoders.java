package io.otium.lm.format;

import io.otium.lm.format.BlockEncoder.NotEncodable;

/**
 * Conversions that round exactly as ggml's reference does, so that files are equal byte by byte.
 */
final class Encoders {
  private static final int BLOCK = 32;

  private Encoders() {}

  static void f32(float[] in, int count, byte[] out) {
    for (int i = 0; i < count; i++) {
      LittleEndian.putInt(out, i * 4, Float.floatToRawIntBits(in[i]));
    }
  }

  static void f16(float[] in, int count, byte[] out) throws NotEncodable {
    for (int i = 0; i < count; i++) LittleEndian.putShort(out, i * 2, float16(in[i], i));
  }

  /** Round to nearest even; a NaN stays one. */
  static void bf16(float[] in, int count, byte[] out) {
    for (int i = 0; i < count; i++) {
      int bits = Float.floatToRawIntBits(in[i]);
      int rounded = Float.isNaN(in[i]) ? bits | 0x40_0000 : bits + 0x7FFF + (bits >> 16 & 1);
      LittleEndian.putShort(out, i * 2, (short) (rounded >> 16));
    }
  }

  /** d = max |x| / 127, q = round(x / d), halves away from zero. */
  static void q8_0(float[] in, int blocks, byte[] out) throws NotEncodable {
    for (int b = 0; b < blocks; b++) {
      int from = b * BLOCK;
      int to = b * 34;
      float d = Math.abs(in[indexOfLargest(in, from)]) / 127;
      float inverse = d == 0 ? 0 : 1 / d;
      LittleEndian.putShort(out, to, float16(d, from));
      for (int j = 0; j < BLOCK; j++) out[to + 2 + j] = (byte) round(in[from + j] * inverse);
    }
  }

  /** d = x of largest magnitude / −8, q = ⌊x / d + 8.5⌋, at most 15. */
  static void q4_0(float[] in, int blocks, byte[] out) throws NotEncodable {
    for (int b = 0; b < blocks; b++) {
      int from = b * BLOCK;
      int to = b * 18;
      float d = in[indexOfLargest(in, from)] / -8;
      float inverse = d == 0 ? 0 : 1 / d;
      LittleEndian.putShort(out, to, float16(d, from));
      for (int j = 0; j < BLOCK / 2; j++) {
        int low = level4(in[from + j], inverse);
        int high = level4(in[from + j + BLOCK / 2], inverse);
        out[to + 2 + j] = (byte) (low | high << 4);
      }
    }
  }

  /** Product and sum round one after the other, as in llama.cpp's quantiser; not Math.fma. */
  private static int level4(float x, float inverse) {
    return Math.min(15, (int) (x * inverse + 8.5f));
  }

  /** The first of those with the largest magnitude in the block; refuses what is not finite. */
  private static int indexOfLargest(float[] in, int from) throws NotEncodable {
    int largest = from;
    for (int i = from; i < from + BLOCK; i++) {
      if (!Float.isFinite(in[i])) throw new NotEncodable(i);
      if (Math.abs(in[i]) > Math.abs(in[largest])) largest = i;
    }
    return largest;
  }

  /** C's roundf; adding 0.5 first would round 0.49999997 up. */
  private static int round(float x) {
    float magnitude = Math.abs(x);
    int whole = (int) magnitude;
    if (magnitude - whole >= 0.5f) whole++;
    return x < 0 ? -whole : whole;
  }

  private static short float16(float x, int index) throws NotEncodable {
    short half = Float.floatToFloat16(x);
    if (Float.isFinite(x) && !Float.isFinite(Float.float16ToFloat(half))) {
      throw new NotEncodable(index);
    }
    return half;
  }
}
