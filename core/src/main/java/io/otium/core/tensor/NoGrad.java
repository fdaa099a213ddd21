package io.otium.core.tensor;

import io.otium.core.torch.LibTorch;
import org.bytedeco.pytorch.GradMode;

/** Until it is closed, operators of this thread are not recorded for gradients. */
public final class NoGrad implements AutoCloseable {
  private final boolean before;

  public NoGrad() {
    LibTorch.require();
    before = GradMode.is_enabled();
    GradMode.set_enabled(false);
  }

  @Override
  public void close() {
    GradMode.set_enabled(before);
  }
}
