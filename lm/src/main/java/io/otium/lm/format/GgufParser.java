package io.otium.lm.format;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads a GGUF header: magic, version, counts, metadata, tensor descriptions. Trusts nothing: every
 * count is compared with the bytes that are left before anything is allocated for it.
 */
final class GgufParser {
  static final int MAGIC = 0x46554747; // "GGUF"
  static final String ALIGNMENT_KEY = "general.alignment";
  static final int DEFAULT_ALIGNMENT = 32;
  static final int MAX_DIMENSIONS = 4;

  private static final int MAX_NAME_BYTES = 65_535;
  private static final int MAX_TENSORS = 1 << 20;
  private static final int MAX_VALUES = 1 << 20;
  private static final int MAX_ALIGNMENT = 1 << 20;
  private static final int MAX_NESTING = 4;

  /** The largest vocabularies have a million strings in tokens and merges together. */
  private static final int MAX_ELEMENTS = 1 << 24;

  private static final int MAX_STRING_BYTES = 1 << 28;

  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Path path;
  private final MemorySegment file;
  private long position;

  /** What the arrays and strings of the metadata may still take, in all. */
  private long elementsLeft = MAX_ELEMENTS;

  private long stringBytesLeft = MAX_STRING_BYTES;

  GgufParser(Path path, MemorySegment file) {
    this.path = path;
    this.file = file;
  }

  record Header(
      int version, Map<String, GgufValue> values, List<TensorEntry> tensors, long dataStart) {}

  /** A tensor's description; {@code offset} counts from the start of the data. */
  record TensorEntry(String name, long[] shape, TensorType type, long offset) {}

  Header parse() throws FormatException {
    int magic = readInt("the magic");
    if (magic != MAGIC) throw fault("is no GGUF file (it does not begin with GGUF)");
    int version = readInt("the version");
    if (version == Integer.reverseBytes(2) || version == Integer.reverseBytes(3)) {
      throw fault("is a big-endian GGUF file; only little-endian ones are read");
    }
    if (version != 2 && version != 3) {
      throw fault("GGUF version " + Integer.toUnsignedString(version) + "; allowed are 2 and 3");
    }
    int tensorCount = readCount("tensors", MAX_TENSORS, 8 + 4 + 4 + 8);
    int valueCount = readCount("metadata values", MAX_VALUES, 8 + 4 + 1);
    var values = new LinkedHashMap<String, GgufValue>();
    for (int i = 0; i < valueCount; i++) {
      String key = readName("metadata key " + i);
      if (values.put(key, readValue(key)) != null) {
        throw fault("metadata key '" + key + "' occurs twice; keys must be unique");
      }
    }
    var tensors = new ArrayList<TensorEntry>();
    for (int i = 0; i < tensorCount; i++) tensors.add(readTensor(i));
    int alignment = alignment(values);
    long dataStart = Math.ceilDiv(position, (long) alignment) * alignment;
    for (TensorEntry tensor : tensors) {
      if (tensor.offset % alignment != 0) {
        throw fault(
            "tensor '%s' begins at offset %d; offsets must be multiples of the alignment %d"
                .formatted(tensor.name, tensor.offset, alignment));
      }
    }
    return new Header(version, values, tensors, dataStart);
  }

  private int alignment(Map<String, GgufValue> values) throws FormatException {
    GgufValue value = values.get(ALIGNMENT_KEY);
    if (value == null) return DEFAULT_ALIGNMENT;
    if (!(value.value() instanceof Long number)
        || number < 1
        || number > MAX_ALIGNMENT
        || Long.bitCount(number) != 1) {
      throw fault(
          ALIGNMENT_KEY + " is no power of two from 1 to " + MAX_ALIGNMENT + ", as it has to be");
    }
    return number.intValue();
  }

  private TensorEntry readTensor(int index) throws FormatException {
    String name = readName("the name of tensor " + index);
    int dimensions = readInt("dimensions of tensor '" + name + "'");
    if (dimensions < 0 || dimensions > MAX_DIMENSIONS) {
      throw fault(
          "tensor '%s' has %s dimensions; allowed are 0 to %d"
              .formatted(name, Integer.toUnsignedString(dimensions), MAX_DIMENSIONS));
    }
    long[] shape = new long[dimensions];
    for (int i = dimensions - 1; i >= 0; i--) { // the file has the innermost first
      shape[i] = readLong("dimensions of tensor '" + name + "'");
      if (shape[i] < 1) {
        throw fault(
            "tensor '%s' has dimension %s; allowed is 1 to 2^63 - 1"
                .formatted(name, Long.toUnsignedString(shape[i])));
      }
    }
    int typeId = readInt("the type of tensor '" + name + "'");
    TensorType type = TensorType.ofGguf(typeId);
    if (type == null) {
      throw fault(
          "tensor '%s' has type number %s; supported are %s"
              .formatted(name, Integer.toUnsignedString(typeId), TensorType.ggufNames()));
    }
    long columns = dimensions == 0 ? 1 : shape[dimensions - 1];
    if (columns % type.blockSize() != 0) {
      throw fault(
          "tensor '%s' has rows of %d numbers; %s needs multiples of %d"
              .formatted(name, columns, type, type.blockSize()));
    }
    long offset = readLong("the offset of tensor '" + name + "'");
    return new TensorEntry(name, shape, type, offset);
  }

  private GgufValue readValue(String key) throws FormatException {
    GgufType type = readType(key);
    if (type == GgufType.ARRAY) return readArray(key, 1);
    Object value =
        switch (type) {
          case UINT8 -> (long) (readByte(key) & 0xFF);
          case INT8 -> (long) readByte(key);
          case UINT16 -> (long) (readShort(key) & 0xFFFF);
          case INT16 -> (long) readShort(key);
          case UINT32 -> readInt(key) & 0xFFFF_FFFFL;
          case INT32 -> (long) readInt(key);
          case UINT64, INT64 -> readLong(key);
          case FLOAT32 -> Float.intBitsToFloat(readInt(key));
          case FLOAT64 -> Double.longBitsToDouble(readLong(key));
          case BOOL -> readByte(key) != 0;
          case STRING -> readString(key, MAX_STRING_BYTES);
          case ARRAY -> throw new AssertionError(type);
        };
    return new GgufValue(type, null, value);
  }

  private GgufValue readArray(String key, int depth) throws FormatException {
    if (depth > MAX_NESTING) {
      throw fault("array '" + key + "' is nested deeper than the " + MAX_NESTING + " allowed");
    }
    GgufType element = readType(key);
    int length = readCount("elements of '" + key + "'", MAX_ELEMENTS, element.leastBytes());
    elementsLeft -= length;
    if (elementsLeft < 0) {
      throw fault("metadata arrays hold more than the " + MAX_ELEMENTS + " elements allowed");
    }
    Object value =
        switch (element) {
          case UINT8, INT8, UINT16, INT16, INT32 -> readInts(element, length);
          case UINT32, UINT64, INT64 -> readLongs(element, length);
          case FLOAT32 -> readFloats(length);
          case FLOAT64 -> readDoubles(length);
          case BOOL -> readBooleans(length);
          case STRING -> readStrings(key, length);
          case ARRAY -> {
            var arrays = new ArrayList<GgufValue>();
            for (int i = 0; i < length; i++) arrays.add(readArray(key, depth + 1));
            yield List.copyOf(arrays);
          }
        };
    return new GgufValue(GgufType.ARRAY, element, value);
  }

  private int[] readInts(GgufType element, int length) {
    int[] numbers = new int[length];
    int bytes = element.leastBytes();
    for (int i = 0; i < length; i++) {
      long at = position + (long) i * bytes;
      numbers[i] =
          switch (element) {
            case UINT8 -> file.get(ValueLayout.JAVA_BYTE, at) & 0xFF;
            case INT8 -> file.get(ValueLayout.JAVA_BYTE, at);
            case UINT16 -> file.get(SHORT, at) & 0xFFFF;
            case INT16 -> file.get(SHORT, at);
            default -> file.get(INT, at);
          };
    }
    position += (long) length * bytes;
    return numbers;
  }

  private long[] readLongs(GgufType element, int length) {
    long[] numbers = new long[length];
    boolean four = element == GgufType.UINT32;
    for (int i = 0; i < length; i++) {
      numbers[i] =
          four
              ? file.get(INT, position + i * 4L) & 0xFFFF_FFFFL
              : file.get(LONG, position + i * 8L);
    }
    position += (long) length * element.leastBytes();
    return numbers;
  }

  private float[] readFloats(int length) {
    float[] numbers = new float[length];
    for (int i = 0; i < length; i++) {
      numbers[i] = Float.intBitsToFloat(file.get(INT, position + i * 4L));
    }
    position += length * 4L;
    return numbers;
  }

  private double[] readDoubles(int length) {
    double[] numbers = new double[length];
    for (int i = 0; i < length; i++) {
      numbers[i] = Double.longBitsToDouble(file.get(LONG, position + i * 8L));
    }
    position += length * 8L;
    return numbers;
  }

  private boolean[] readBooleans(int length) {
    boolean[] flags = new boolean[length];
    for (int i = 0; i < length; i++) flags[i] = file.get(ValueLayout.JAVA_BYTE, position + i) != 0;
    position += length;
    return flags;
  }

  private List<String> readStrings(String key, int count) throws FormatException {
    int[] starts = new int[count];
    long begin = position;
    for (int i = 0; i < count; i++) {
      long length = readStringLength(key, MAX_STRING_BYTES);
      if (position + length - begin > MAX_STRING_BYTES) throw tooMuchText();
      starts[i] = (int) (position - begin);
      position += length;
    }
    byte[] bytes = new byte[(int) (position - begin)];
    MemorySegment.copy(file, ValueLayout.JAVA_BYTE, begin, bytes, 0, bytes.length);
    return new StringArray(bytes, starts);
  }

  private String readName(String what) throws FormatException {
    return readString(what, MAX_NAME_BYTES);
  }

  private String readString(String what, int most) throws FormatException {
    int length = readStringLength(what, most);
    byte[] bytes = new byte[length];
    MemorySegment.copy(file, ValueLayout.JAVA_BYTE, position, bytes, 0, length);
    position += length;
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private int readStringLength(String what, int most) throws FormatException {
    long length = readLong(what);
    long left = file.byteSize() - position;
    if (length < 0 || length > most || length > left) {
      throw fault(
          "%s is a string of %s bytes; at most %d are allowed and %d are left in the file"
              .formatted(what, Long.toUnsignedString(length), most, left));
    }
    stringBytesLeft -= length;
    if (stringBytesLeft < 0) throw tooMuchText();
    return (int) length;
  }

  private FormatException tooMuchText() {
    return fault("the header holds more than the " + MAX_STRING_BYTES + " bytes of text allowed");
  }

  private GgufType readType(String key) throws FormatException {
    int id = readInt(key);
    GgufType type = GgufType.ofId(id);
    if (type == null) {
      throw fault(
          "metadata '%s' has type number %s; allowed are 0 to 12, %s"
              .formatted(key, Integer.toUnsignedString(id), Arrays.toString(GgufType.values())));
    }
    return type;
  }

  /** A 64-bit count of things that take at least {@code leastBytes} each. */
  private int readCount(String what, int most, int leastBytes) throws FormatException {
    long count = readLong("the number of " + what);
    long fitting = (file.byteSize() - position) / leastBytes;
    if (count < 0 || count > most || count > fitting) {
      throw fault(
          "claims %s %s; at most %d are allowed and %d would fit in the file"
              .formatted(Long.toUnsignedString(count), what, most, fitting));
    }
    return (int) count;
  }

  private byte readByte(String what) throws FormatException {
    return file.get(ValueLayout.JAVA_BYTE, advance(1, what));
  }

  private short readShort(String what) throws FormatException {
    return file.get(SHORT, advance(2, what));
  }

  private int readInt(String what) throws FormatException {
    return file.get(INT, advance(4, what));
  }

  private long readLong(String what) throws FormatException {
    return file.get(LONG, advance(8, what));
  }

  private long advance(int bytes, String what) throws FormatException {
    long at = position;
    if (file.byteSize() - at < bytes) {
      throw fault("ends after %d bytes, in the middle of %s".formatted(file.byteSize(), what));
    }
    position += bytes;
    return at;
  }

  private FormatException fault(String what) {
    return new FormatException(path, what);
  }
}
