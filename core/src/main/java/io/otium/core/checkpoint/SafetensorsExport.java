package io.otium.core.checkpoint;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Tensors as a safetensors file, whole or not at all; its header is padded to 8 bytes. */
final class SafetensorsExport {
  private SafetensorsExport() {}

  static void write(Map<String, StateTensor> tensors, Path file) throws IOException {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.putObject("__metadata__").put("format", "pt");
    long end = 0;
    for (Map.Entry<String, StateTensor> entry : tensors.entrySet()) {
      StateTensor tensor = entry.getValue();
      ObjectNode node = json.putObject(entry.getKey()).put("dtype", tensor.type().name());
      tensor.shape().forEach(node.putArray("shape")::add);
      node.putArray("data_offsets").add(end).add(end + tensor.bytes());
      end += tensor.bytes();
    }
    String text = json.toString();
    int length = text.getBytes(StandardCharsets.UTF_8).length;
    byte[] padded = (text + " ".repeat((8 - length % 8) % 8)).getBytes(StandardCharsets.UTF_8);
    Path part = Disk.part(file);
    try {
      try (Disk.Sink sink = new FileDisk().create(part)) {
        ByteBuffer size = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        sink.write(size.putLong(0, padded.length), 0);
        sink.write(ByteBuffer.wrap(padded), Long.BYTES);
        long at = Long.BYTES + padded.length;
        for (StateTensor tensor : tensors.values()) {
          at = write(sink, tensor.contiguousData(), at);
        }
        sink.force();
      }
      Disk.rename(part, file, true);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  private static long write(Disk.Sink sink, MemorySegment data, long offset) throws IOException {
    for (long at = 0; at < data.byteSize(); at += Throttle.PIECE_BYTES) {
      sink.write(Piece.of(data, at), offset + at);
    }
    return offset + data.byteSize();
  }
}
