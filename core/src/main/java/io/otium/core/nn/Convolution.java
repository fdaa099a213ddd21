package io.otium.core.nn;

/**
 * The geometry of a convolution, alike in all its dimensions.
 *
 * @param kernel elements that one output sees
 * @param stride inputs from one output to the next
 * @param padding zeros at each side
 * @param dilation inputs from one element of the kernel to the next
 * @param groups into which the channels are divided, each seen by its own outputs
 * @param bias whether there is one
 */
public record Convolution(
    long kernel, long stride, long padding, long dilation, long groups, boolean bias) {

  /** Stride 1, no padding, with a bias. */
  public static Convolution of(long kernel) {
    return new Convolution(kernel, 1, 0, 1, 1, true);
  }

  public Convolution stride(long stride) {
    return new Convolution(kernel, stride, padding, dilation, groups, bias);
  }

  public Convolution padding(long padding) {
    return new Convolution(kernel, stride, padding, dilation, groups, bias);
  }

  public Convolution groups(long groups) {
    return new Convolution(kernel, stride, padding, dilation, groups, bias);
  }

  public Convolution withoutBias() {
    return new Convolution(kernel, stride, padding, dilation, groups, false);
  }
}
