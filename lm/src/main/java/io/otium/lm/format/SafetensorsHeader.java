package io.otium.lm.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The JSON at the start of a safetensors file, and the index of a sharded model. Read as a stream
 * of tokens, so that only what the format allows is ever held.
 */
record SafetensorsHeader(Map<String, Entry> tensors, Map<String, Object> metadata, long dataStart) {
  /** A tensor's description; {@code begin} and {@code end} count from the start of the data. */
  record Entry(TensorType type, long[] shape, long begin, long end) {}

  static final String METADATA = "__metadata__";

  /** The limit of the reference implementation. */
  static final int MAX_HEADER_BYTES = 100_000_000;

  private static final int MAX_DIMENSIONS = 16;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(4)
                  .maxNameLength(65_535)
                  .maxNumberLength(20)
                  .build())
          .build();

  static SafetensorsHeader read(Path path, MemorySegment file) throws FormatException {
    if (file.byteSize() < Long.BYTES) {
      throw new FormatException(path, "is no safetensors file: it is shorter than 8 bytes");
    }
    long length = file.get(ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 0);
    long left = file.byteSize() - Long.BYTES;
    if (length < 2 || length > MAX_HEADER_BYTES || length > left) {
      throw new FormatException(
          path,
          "is no safetensors file or is cut short: a header of %s bytes; allowed is 2 to %d"
              .formatted(Long.toUnsignedString(length), Math.min(MAX_HEADER_BYTES, left)));
    }
    byte[] json = new byte[(int) length];
    MemorySegment.copy(file, ValueLayout.JAVA_BYTE, Long.BYTES, json, 0, json.length);
    var tensors = new LinkedHashMap<String, Entry>();
    var metadata = new LinkedHashMap<String, Object>();
    readObject(
        path,
        json,
        (parser, name) -> {
          if (name.equals(METADATA)) {
            readStrings(parser, METADATA, metadata);
          } else {
            tensors.put(name, readEntry(parser, name));
          }
        });
    return new SafetensorsHeader(tensors, metadata, Long.BYTES + length);
  }

  /** The file of every tensor, from {@code model.safetensors.index.json}. */
  static Map<String, String> readIndex(Path path, byte[] json) throws FormatException {
    var files = new LinkedHashMap<String, Object>();
    readObject(
        path,
        json,
        (parser, name) -> {
          if (name.equals("weight_map")) {
            readStrings(parser, name, files);
          } else {
            parser.nextToken();
            parser.skipChildren();
          }
        });
    if (files.isEmpty()) throw new FormatException(path, "has no weight_map, or an empty one");
    var strings = new LinkedHashMap<String, String>();
    files.forEach((tensor, file) -> strings.put(tensor, (String) file));
    return strings;
  }

  private interface Member {
    /** Called before the member's value is read. */
    void read(JsonParser parser, String name) throws IOException;
  }

  private static void readObject(Path path, byte[] json, Member member) throws FormatException {
    try (JsonParser parser = JSON.createParser(json)) {
      expect(parser.nextToken(), JsonToken.START_OBJECT, "the header");
      for (String name; (name = parser.nextFieldName()) != null; ) member.read(parser, name);
      expect(parser.currentToken(), JsonToken.END_OBJECT, "the end of the header");
      if (parser.nextToken() != null) throw new FormatException("more follows the JSON object");
    } catch (FormatException e) {
      throw new FormatException(path, String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      throw new FormatException(path, "its JSON header is malformed: " + reason, e);
    }
  }

  private static void readStrings(JsonParser parser, String what, Map<String, Object> into)
      throws IOException {
    expect(parser.nextToken(), JsonToken.START_OBJECT, what);
    for (String key; (key = parser.nextFieldName()) != null; ) {
      expect(parser.nextToken(), JsonToken.VALUE_STRING, what + "." + key);
      into.put(key, parser.getText());
    }
    expect(parser.currentToken(), JsonToken.END_OBJECT, what);
  }

  private static Entry readEntry(JsonParser parser, String tensor) throws IOException {
    expect(parser.nextToken(), JsonToken.START_OBJECT, "tensor '" + tensor + "'");
    TensorType type = null;
    long[] shape = null;
    long[] offsets = null;
    for (String key; (key = parser.nextFieldName()) != null; ) {
      switch (key) {
        case "dtype" -> type = readType(parser, tensor);
        case "shape" -> shape = readLongs(parser, "the shape of '" + tensor + "'", MAX_DIMENSIONS);
        case "data_offsets" ->
            offsets = readLongs(parser, "the data_offsets of '" + tensor + "'", 2);
        default ->
            throw new FormatException(
                "tensor '%s' has the unknown key '%s'; allowed are dtype, shape, data_offsets"
                    .formatted(tensor, key));
      }
    }
    expect(parser.currentToken(), JsonToken.END_OBJECT, "tensor '" + tensor + "'");
    if (type == null || shape == null || offsets == null || offsets.length != 2) {
      throw new FormatException(
          "tensor '" + tensor + "' lacks dtype, shape or two data_offsets; it needs all three");
    }
    return new Entry(type, shape, offsets[0], offsets[1]);
  }

  private static TensorType readType(JsonParser parser, String tensor) throws IOException {
    expect(parser.nextToken(), JsonToken.VALUE_STRING, "the dtype of '" + tensor + "'");
    TensorType type = TensorType.ofSafetensors(parser.getText());
    if (type == null) {
      throw new FormatException(
          "tensor '%s' has dtype %s; supported are %s"
              .formatted(tensor, parser.getText(), TensorType.safetensorsNames()));
    }
    return type;
  }

  private static long[] readLongs(JsonParser parser, String what, int most) throws IOException {
    expect(parser.nextToken(), JsonToken.START_ARRAY, what);
    long[] numbers = new long[most];
    int count = 0;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      expect(parser.currentToken(), JsonToken.VALUE_NUMBER_INT, what);
      if (count == most) {
        throw new FormatException(what + " has more than the " + most + " numbers allowed");
      }
      long number = parser.getLongValue();
      if (number < 0) throw new FormatException(what + " has " + number + "; allowed is 0 or more");
      numbers[count++] = number;
    }
    return Arrays.copyOf(numbers, count);
  }

  private static void expect(@Nullable JsonToken found, JsonToken expected, String what)
      throws FormatException {
    if (found == expected) return;
    throw new FormatException(
        "%s is %s where %s is needed".formatted(what, found == null ? "missing" : found, expected));
  }
}
