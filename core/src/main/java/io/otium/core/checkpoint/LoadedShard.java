package io.otium.core.checkpoint;

import io.otium.core.checkpoint.StateTensor.Capture;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** What one rank wrote, read back: its files' tensors, put where their placeholders stand. */
final class LoadedShard {
  private final Map<String, StateTensor> tensors = new LinkedHashMap<>();
  private Map<String, Object> state = Map.of();

  void addFrozen(Path file, MemorySegment bytes) {
    addTensors(FileHeader.read(file, bytes), bytes, Capture.FROZEN);
  }

  /**
   * After the frozen tensors.
   *
   * @throws CheckpointException if the file is no checkpoint, or lacks a tensor
   */
  void addState(Path file, MemorySegment bytes) {
    FileHeader.Located located = FileHeader.read(file, bytes);
    addTensors(located, bytes, Capture.LAZY);
    FileHeader header = located.header();
    byte[] lean =
        bytes
            .asSlice(
                located.dataStart() + header.leanBegin(), header.leanEnd() - header.leanBegin())
            .toArray(ValueLayout.JAVA_BYTE);
    Set<String> used = new HashSet<>();
    try {
      state =
          LeanState.decode(
              lean,
              key -> {
                used.add(key);
                return tensor(key);
              });
    } catch (CheckpointException e) {
      throw new CheckpointException(file + " is broken: " + e.getMessage(), e);
    }
    for (String key : tensors.keySet()) {
      if (!used.contains(key)) {
        throw new CheckpointException(
            file + " is broken: the tensor " + key + " has no place in the state");
      }
    }
  }

  private StateTensor tensor(String key) {
    StateTensor tensor = tensors.get(key);
    if (tensor == null) {
      throw new CheckpointException("the state has a place for " + key + ", but no such tensor");
    }
    return tensor;
  }

  private void addTensors(FileHeader.Located located, MemorySegment bytes, Capture capture) {
    for (TensorRange range : located.header().tensors()) {
      MemorySegment data = bytes.asSlice(located.dataStart() + range.begin(), range.bytes());
      tensors.put(
          range.key(), StateTensor.of(range.type(), range.shape(), data).withCapture(capture));
    }
  }

  Map<String, Object> state() {
    return state;
  }

  Map<String, StateTensor> tensors() {
    return tensors;
  }
}
