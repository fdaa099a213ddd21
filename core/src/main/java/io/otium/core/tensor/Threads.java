package io.otium.core.tensor;

import io.otium.core.torch.LibTorch;
import org.bytedeco.pytorch.global.torch;

/** Until it is closed, operators called from this thread use so many processors. */
public final class Threads implements AutoCloseable {
  private final int before;

  public Threads(int threads) {
    if (threads < 1) throw new IllegalArgumentException("at least one thread, not " + threads);
    LibTorch.require();
    before = torch.get_num_threads();
    torch.set_num_threads(threads);
  }

  /** How many an operator called from this thread uses now. */
  public static int current() {
    LibTorch.require();
    return torch.get_num_threads();
  }

  @Override
  public void close() {
    torch.set_num_threads(before);
  }
}
