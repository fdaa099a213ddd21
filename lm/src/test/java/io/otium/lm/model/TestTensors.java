package io.otium.lm.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.otium.lm.format.GgufFile;
import io.otium.lm.format.TensorData;
import io.otium.lm.format.TensorSource;
import io.otium.lm.format.TensorType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Well-formed safetensors in memory, read in ten lines; GGUF by its own reader. */
record TestTensors(Path path, Map<String, TensorData> tensors) implements TensorSource {

  static TensorSource open(Path path) throws IOException {
    if (path.toString().endsWith(".gguf")) {
      return GgufFile.open(path);
    }
    Path file = Files.isDirectory(path) ? path.resolve("model.safetensors") : path;
    MemorySegment all = MemorySegment.ofArray(Files.readAllBytes(file));
    long header = all.get(ValueLayout.JAVA_LONG_UNALIGNED, 0);
    JsonNode json =
        new ObjectMapper().readTree(all.asSlice(8, header).toArray(ValueLayout.JAVA_BYTE));
    Map<String, TensorData> tensors = new LinkedHashMap<>();
    json.forEachEntry(
        (name, entry) -> {
          if (!name.equals("__metadata__")) {
            long[] shape = new long[entry.get("shape").size()];
            for (int i = 0; i < shape.length; i++) {
              shape[i] = entry.get("shape").get(i).longValue();
            }
            long begin = entry.get("data_offsets").get(0).longValue();
            long end = entry.get("data_offsets").get(1).longValue();
            TensorType type = TensorType.valueOf(entry.get("dtype").textValue());
            MemorySegment data = all.asSlice(8 + header + begin, end - begin);
            tensors.put(name, new TensorData(name, type, shape, data));
          }
        });
    return new TestTensors(file, tensors);
  }

  @Override
  public Set<String> names() {
    return Collections.unmodifiableSet(tensors.keySet());
  }

  @Override
  public @Nullable TensorData get(String name) {
    return tensors.get(name);
  }

  @Override
  public Map<String, Object> metadata() {
    return Map.of();
  }

  @Override
  public void close() {}
}
