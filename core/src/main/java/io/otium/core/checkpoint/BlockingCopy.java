package io.otium.core.checkpoint;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;

/** A whole state copied at once into fresh memory: the first hop of the baselines. */
final class BlockingCopy implements AutoCloseable {
  private final Arena arena = Arena.ofShared();
  private final ParsedState state;
  private final MemorySegment memory;

  BlockingCopy(ParsedState state, Throttle throttle, CheckpointMeter meter)
      throws InterruptedException {
    this.state = state;
    long start = System.nanoTime();
    memory = arena.allocate(Math.max(1, state.bytes()), 64);
    long offset = 0;
    for (StateTensor tensor : state.tensors().values()) {
      throttle.copy(tensor.contiguousData(), memory.asSlice(offset, tensor.bytes()));
      offset += tensor.bytes();
    }
    meter.copied(state.bytes(), System.nanoTime() - start);
  }

  /** Writes it all and has it committed. */
  void writeTo(ShardWriter writer, SaveRequest request) throws InterruptedException {
    long offset = 0;
    for (Map.Entry<String, StateTensor> entry : state.tensors().entrySet()) {
      StateTensor tensor = entry.getValue();
      if (tensor.bytes() > 0) {
        MemorySegment bytes = memory.asSlice(offset, tensor.bytes());
        writer.write(request, entry.getKey(), tensor.type(), bytes, offset);
      }
      offset += tensor.bytes();
    }
    writer.finish(request);
  }

  @Override
  public void close() {
    arena.close();
  }
}
