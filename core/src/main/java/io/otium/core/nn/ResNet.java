package io.otium.core.nn;

import io.otium.core.tensor.Randomness;
import io.otium.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * A small residual network for small images (He et al. 2016, the form for CIFAR): {@code [batch,
 * channels, height, width]} to {@code [batch, classes]}. Three stages, of one, two and four times
 * the width, at full, half and quarter size.
 */
public final class ResNet extends Layer {
  private static final Convolution THREE = Convolution.of(3).padding(1).withoutBias();

  private final Layer stem;
  private final Layer blocks;
  private final Linear head;

  /**
   * @param channels of the images
   * @param width channels of the first stage
   * @param depth blocks in each stage; {@code 6 · depth + 2} layers in all
   */
  public ResNet(long channels, long width, int depth, long classes, Randomness random) {
    stem =
        child(
            "stem",
            new Sequential(
                new Conv2d(channels, width, THREE, random),
                new BatchNorm(width),
                Activation.RELU.layer()));
    List<Layer> all = new ArrayList<>();
    long inputs = width;
    for (int stage = 0; stage < 3; stage++) {
      long outputs = width << stage;
      for (int i = 0; i < depth; i++) {
        all.add(new Block(inputs, outputs, stage > 0 && i == 0 ? 2 : 1, random));
        inputs = outputs;
      }
    }
    blocks = child("blocks", new Sequential(all));
    head = child("head", new Linear(inputs, classes, random));
  }

  @Override
  protected Tensor compute(Tensor x) {
    return head.forward(features(x));
  }

  /**
   * What the last layer sees.
   *
   * @return {@code [batch, 4 · width]}
   */
  public Tensor features(Tensor x) {
    return blocks.forward(stem.forward(x)).mean(2, 3);
  }

  private static final class Block extends Layer {
    private final Layer inner;
    private final Layer shortcut;

    Block(long inputs, long outputs, long stride, Randomness random) {
      inner =
          child(
              "inner",
              new Sequential(
                  new Conv2d(inputs, outputs, THREE.stride(stride), random),
                  new BatchNorm(outputs),
                  Activation.RELU.layer(),
                  new Conv2d(outputs, outputs, THREE, random),
                  new BatchNorm(outputs)));
      boolean alike = inputs == outputs && stride == 1;
      Convolution one = Convolution.of(1).stride(stride).withoutBias();
      shortcut =
          child(
              "shortcut",
              alike
                  ? Activation.NONE.layer()
                  : new Sequential(
                      new Conv2d(inputs, outputs, one, random), new BatchNorm(outputs)));
    }

    @Override
    protected Tensor compute(Tensor x) {
      return inner.forward(x).add(shortcut.forward(x)).relu();
    }
  }
}
