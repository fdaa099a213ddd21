package io.otium.lm.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Puts GGUF files together field by field, so that a test can get any of them wrong. */
final class GgufBytes {
  private final ByteBuffer bytes = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);

  static GgufBytes header(int version, long tensors, long values) {
    return new GgufBytes().u32(GgufParser.MAGIC).u32(version).u64(tensors).u64(values);
  }

  GgufBytes u32(int value) {
    bytes.putInt(value);
    return this;
  }

  GgufBytes u64(long value) {
    bytes.putLong(value);
    return this;
  }

  GgufBytes text(String value) {
    byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
    u64(utf8.length);
    bytes.put(utf8);
    return this;
  }

  /** An F32 tensor's description; dimensions innermost first. */
  GgufBytes tensor(String name, long offset, long... dimensions) {
    return tensorOfType(name, TensorType.F32.ggufId(), offset, dimensions);
  }

  GgufBytes tensorOfType(String name, int type, long offset, long... dimensions) {
    text(name).u32(dimensions.length);
    for (long dimension : dimensions) u64(dimension);
    return u32(type).u64(offset);
  }

  GgufBytes data(int length) {
    bytes.position(Math.ceilDiv(bytes.position(), 32) * 32 + length);
    return this;
  }

  Path write(Path file) throws IOException {
    byte[] used = new byte[bytes.position()];
    bytes.get(0, used);
    return Files.write(file, used);
  }
}
