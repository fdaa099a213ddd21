package io.otium.core.torch;

import java.lang.foreign.MemorySegment;
import org.bytedeco.javacpp.FloatPointer;

/** Native memory through which a worker hands rows of floats to an operator. */
public final class Staging implements AutoCloseable {
  private final FloatPointer pointer;
  private final MemorySegment segment;

  public Staging(long floats) {
    LibTorch.require();
    pointer = new FloatPointer(floats);
    segment = MemorySegment.ofAddress(pointer.address()).reinterpret(floats * 4);
  }

  public MemorySegment segment() {
    return segment;
  }

  FloatPointer pointer() {
    return pointer;
  }

  @Override
  public void close() {
    pointer.close();
  }
}
