package io.otium.core.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The start of a checkpoint file: 8 bytes with the JSON's length H, little-endian, then the JSON
 * {@code {key: {dtype, shape, data_offsets: [begin, end)}, …, datastates_metadata: {data_offsets}}}
 * in walk order. Offsets count from byte 8 + H; tensors lie back to back, the lean state after
 * them.
 */
record FileHeader(List<TensorRange> tensors, long leanBegin, long leanEnd) {
  private static final ObjectMapper JSON =
      new ObjectMapper(
          JsonFactory.builder()
              .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
              .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(4).build())
              .build());

  FileHeader {
    tensors = List.copyOf(tensors);
  }

  static FileHeader of(Map<String, StateTensor> tensors, long leanBytes) {
    List<TensorRange> ranges = new ArrayList<>();
    long begin = 0;
    for (Map.Entry<String, StateTensor> entry : tensors.entrySet()) {
      StateTensor tensor = entry.getValue();
      long end = begin + tensor.bytes();
      ranges.add(new TensorRange(entry.getKey(), tensor.type(), tensor.shape(), begin, end));
      begin = end;
    }
    return new FileHeader(ranges, begin, begin + leanBytes);
  }

  /** The 8 + H bytes that begin the file. */
  byte[] toBytes() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    for (TensorRange tensor : tensors) {
      ObjectNode entry = json.putObject(tensor.key()).put("dtype", tensor.type().name());
      tensor.shape().forEach(entry.putArray("shape")::add);
      entry.putArray("data_offsets").add(tensor.begin()).add(tensor.end());
    }
    json.putObject(StateKeys.METADATA).putArray("data_offsets").add(leanBegin).add(leanEnd);
    byte[] text = json.toString().getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(Long.BYTES + text.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(text.length)
        .put(text)
        .array();
  }

  /** A header as read, and the byte of the file from which its offsets count. */
  record Located(FileHeader header, long dataStart) {}

  /**
   * @param bytes the whole file
   * @throws CheckpointException naming the file and what is wrong with its header
   */
  static Located read(Path file, MemorySegment bytes) {
    if (bytes.byteSize() < Long.BYTES) {
      throw new CheckpointException(file + " is no checkpoint: it is shorter than 8 bytes");
    }
    long length = bytes.get(ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 0);
    long left = bytes.byteSize() - Long.BYTES;
    if (length < 2 || length > left || length > Integer.MAX_VALUE - 8) {
      throw new CheckpointException(
          "%s is no checkpoint or is cut short: it claims a header of %s bytes, and %d follow"
              .formatted(file, Long.toUnsignedString(length), left));
    }
    byte[] text = bytes.asSlice(Long.BYTES, length).toArray(ValueLayout.JAVA_BYTE);
    try {
      JsonNode json = JSON.readTree(text);
      return new Located(parse(json, left - length), Long.BYTES + length);
    } catch (IOException e) {
      String line = CheckpointException.reason(e).lines().findFirst().orElse("");
      throw new CheckpointException(file + " has a broken header: " + line, e);
    } catch (CheckpointException e) {
      throw new CheckpointException(file + " has a broken header: " + e.getMessage(), e);
    }
  }

  private static FileHeader parse(JsonNode json, long dataBytes) {
    if (!json.isObject() || !json.has(StateKeys.METADATA)) {
      throw new CheckpointException("it is no JSON object with " + StateKeys.METADATA);
    }
    List<TensorRange> tensors = new ArrayList<>();
    for (Map.Entry<String, JsonNode> entry : json.properties()) {
      long[] range = range(entry.getKey(), entry.getValue(), dataBytes);
      if (!entry.getKey().equals(StateKeys.METADATA)) {
        tensors.add(tensor(entry.getKey(), entry.getValue(), range));
      }
    }
    long[] lean = range(StateKeys.METADATA, json.path(StateKeys.METADATA), dataBytes);
    return new FileHeader(tensors, lean[0], lean[1]);
  }

  private static TensorRange tensor(String key, JsonNode entry, long[] range) {
    List<Long> shape = new ArrayList<>();
    for (JsonNode size : entry.path("shape")) {
      if (!size.isIntegralNumber() || !size.canConvertToLong() || size.longValue() < 0) {
        throw new CheckpointException(key + " has the size " + size + "; it is 0 or more");
      }
      shape.add(size.longValue());
    }
    StateType type = StateType.named(entry.path("dtype").asText());
    long elements = 1;
    for (long size : shape) {
      elements = Math.multiplyHigh(elements, size) == 0 ? elements * size : -1;
      if (elements < 0 || elements > Long.MAX_VALUE / Long.BYTES) {
        throw new CheckpointException(key + " has the shape " + shape + ", which is too large");
      }
    }
    if (elements * type.bytes() != range[1] - range[0]) {
      throw new CheckpointException(
          "%s has %d bytes, where %s %s takes %d"
              .formatted(key, range[1] - range[0], type, shape, elements * type.bytes()));
    }
    return new TensorRange(key, type, shape, range[0], range[1]);
  }

  private static long[] range(String key, JsonNode entry, long dataBytes) {
    JsonNode offsets = entry.path("data_offsets");
    long begin = offsets.path(0).asLong(-1);
    long end = offsets.path(1).asLong(-1);
    if (offsets.size() != 2 || begin < 0 || end < begin || end > dataBytes) {
      throw new CheckpointException(
          "%s lies at %s, which is no range within the %d bytes after the header"
              .formatted(key, offsets, dataBytes));
    }
    return new long[] {begin, end};
  }
}
