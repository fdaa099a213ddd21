package io.otium.lm.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes safetensors as one file or as shards with an index, as {@code transformers} loads them.
 * Tensors keep their plain type or are converted to F32, F16 or BF16 while they are written.
 */
public final class SafetensorsWriter {
  private static final JsonFactory JSON = new JsonFactory();

  private final Map<String, String> metadata = new LinkedHashMap<>();
  private final Map<String, OutputTensor> tensors = new LinkedHashMap<>();

  public SafetensorsWriter() {
    metadata.put("format", "pt"); // transformers refuses files without it
  }

  /** Sets a text in the file's {@code __metadata__}. */
  public SafetensorsWriter metadata(String key, String value) {
    metadata.put(key, value);
    return this;
  }

  /** Adds a tensor as it is. */
  public SafetensorsWriter tensor(TensorData tensor) {
    return tensor(tensor, tensor.type());
  }

  /**
   * Adds a tensor, converted.
   *
   * @throws IllegalArgumentException for a type that safetensors does not have or that nothing can
   *     be converted to, or a name that is taken
   */
  public SafetensorsWriter tensor(TensorNumbers tensor, TensorType as) {
    String name = tensor.name();
    if (as.safetensorsName() == null) {
      throw new IllegalArgumentException(
          "tensor '%s' is %s; safetensors holds %s"
              .formatted(name, as, TensorType.safetensorsNames()));
    }
    if (name.equals(SafetensorsHeader.METADATA)) {
      throw new IllegalArgumentException("a tensor cannot be called " + name);
    }
    if (tensors.putIfAbsent(name, new OutputTensor(tensor, as)) != null) {
      throw new IllegalArgumentException(
          "tensor '" + name + "' was added already; names must be unique");
    }
    return this;
  }

  /**
   * Writes one file: whole or, if anything fails, not at all.
   *
   * @throws FormatException if the disk is full or a number does not fit the type it should have
   */
  public void write(Path target) throws IOException {
    write(target, tensors.values().stream().toList());
  }

  /**
   * Writes {@code model.safetensors} into a folder, or {@code model-00001-of-0000N.safetensors} and
   * so on with an index, if the tensors take more than {@code shardBytes}. Tensors are not split:
   * one larger than that has a shard of its own. The index comes last.
   */
  public void writeSharded(Path folder, long shardBytes) throws IOException {
    if (shardBytes < 1) {
      throw new IllegalArgumentException(
          "shards of " + shardBytes + " bytes; allowed is 1 or more");
    }
    List<List<OutputTensor>> shards = shards(shardBytes);
    Path single = folder.resolve(SafetensorsFile.SINGLE);
    Path index = folder.resolve(SafetensorsFile.INDEX);
    if (shards.size() == 1) {
      write(single, shards.getFirst());
      Files.deleteIfExists(index); // of an earlier model: readers would follow it
      return;
    }
    var files = new LinkedHashMap<String, String>();
    for (int i = 0; i < shards.size(); i++) {
      String file = "model-%05d-of-%05d.safetensors".formatted(i + 1, shards.size());
      write(folder.resolve(file), shards.get(i));
      for (OutputTensor tensor : shards.get(i)) files.put(tensor.name(), file);
    }
    byte[] json = index(files);
    AtomicFile.write(index, out -> out.write(json));
    Files.deleteIfExists(single);
  }

  private List<List<OutputTensor>> shards(long shardBytes) {
    var shards = new ArrayList<List<OutputTensor>>();
    shards.add(new ArrayList<>());
    long used = 0;
    for (OutputTensor tensor : tensors.values()) {
      if (used > 0 && tensor.bytes() > shardBytes - used) {
        shards.add(new ArrayList<>());
        used = 0;
      }
      shards.getLast().add(tensor);
      used += tensor.bytes();
    }
    return shards;
  }

  private void write(Path target, List<OutputTensor> shard) throws IOException {
    // Wide types first, so that every tensor is aligned to its own numbers.
    var ordered = new ArrayList<>(shard);
    ordered.sort(
        Comparator.comparingInt((OutputTensor tensor) -> -tensor.type().blockBytes())
            .thenComparing(OutputTensor::name));
    byte[] header = header(ordered);
    AtomicFile.write(
        target,
        out -> {
          var length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
          out.write(length.putLong(0, header.length).array());
          out.write(header);
          for (OutputTensor tensor : ordered) tensor.write(target, out);
        });
  }

  private byte[] header(List<OutputTensor> ordered) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      json.writeObjectFieldStart(SafetensorsHeader.METADATA);
      for (var entry : metadata.entrySet()) {
        json.writeStringField(entry.getKey(), entry.getValue());
      }
      json.writeEndObject();
      long begin = 0;
      for (OutputTensor tensor : ordered) {
        json.writeObjectFieldStart(tensor.name());
        json.writeStringField("dtype", tensor.type().safetensorsName());
        json.writeFieldName("shape");
        long[] shape = tensor.source().shape();
        json.writeArray(shape, 0, shape.length);
        json.writeFieldName("data_offsets");
        json.writeArray(new long[] {begin, begin + tensor.bytes()}, 0, 2);
        json.writeEndObject();
        begin += tensor.bytes();
      }
      json.writeEndObject();
    }
    byte[] padded = Arrays.copyOf(bytes.toByteArray(), Math.ceilDiv(bytes.size(), 8) * 8);
    Arrays.fill(padded, bytes.size(), padded.length, (byte) ' ');
    return padded;
  }

  private byte[] index(Map<String, String> files) throws IOException {
    long total = tensors.values().stream().mapToLong(OutputTensor::bytes).sum();
    var bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(bytes).useDefaultPrettyPrinter()) {
      json.writeStartObject();
      json.writeObjectFieldStart("metadata");
      json.writeNumberField("total_size", total);
      json.writeEndObject();
      json.writeObjectFieldStart("weight_map");
      for (var entry : files.entrySet()) json.writeStringField(entry.getKey(), entry.getValue());
      json.writeEndObject();
      json.writeEndObject();
    }
    return bytes.toByteArray();
  }
}
