package io.otium.core.tensor;

import io.otium.core.torch.LibTorch;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Until it is closed, this thread's matrix products, convolutions and attention take F32 tensors in
 * a narrower type, and what needs precision stays in F32. For the forward pass only; {@link
 * Tensor#backward} comes after closing.
 */
public final class Autocast implements AutoCloseable {
  private static final torch.DeviceType CPU = torch.DeviceType.CPU;

  private final boolean enabled;
  private final torch.ScalarType type;

  /**
   * @param narrow BF16 or F16
   */
  public Autocast(DType narrow) {
    if (narrow != DType.BF16 && narrow != DType.F16) {
      throw new TensorException("autocast is to BF16 or F16, not to " + narrow);
    }
    LibTorch.require();
    enabled = torch.is_autocast_enabled(CPU);
    type = torch.get_autocast_dtype(CPU);
    torch.set_autocast_dtype(CPU, narrow.scalarType);
    torch.set_autocast_enabled(CPU, true);
    torch.increment_nesting();
  }

  /** The narrower type in force on this thread, or null. */
  static @Nullable DType current() {
    return torch.is_autocast_enabled(CPU) ? DType.of(torch.get_autocast_dtype(CPU)) : null;
  }

  @Override
  public void close() {
    if (torch.decrement_nesting() == 0) torch.clear_cache();
    torch.set_autocast_enabled(CPU, enabled);
    torch.set_autocast_dtype(CPU, type);
  }
}
