package io.otium.core.tensor;

import io.otium.core.torch.LibTorch;
import org.bytedeco.pytorch.global.torch;

/**
 * Until it is closed, operators called from this thread share their work among so many threads. For
 * networks whose steps take less than a millisecond one is faster than two; matrix products in F32
 * use all processors all the same, through OpenBLAS.
 */
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
