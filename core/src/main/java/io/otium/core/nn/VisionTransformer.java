package io.otium.core.nn;

import io.otium.core.tensor.RandomStream;
import io.otium.core.tensor.Randomness;
import io.otium.core.tensor.Shapes;
import io.otium.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * A transformer over the patches of a square image (Dosovitskiy et al. 2021): {@code [batch,
 * channels, size, size]} to {@code [batch, classes]}.
 */
public final class VisionTransformer extends Layer {
  private final long size;
  private final Conv2d patches;
  private final Tensor classToken;
  private final Tensor positions;
  private final Layer blocks;
  private final LayerNorm norm;
  private final Linear head;

  /**
   * @param size of an image's side, in pixels
   * @param patch of a patch's side, which divides it
   * @param depth transformer blocks
   */
  public VisionTransformer(
      long size,
      long patch,
      long channels,
      long width,
      int depth,
      long heads,
      long classes,
      Randomness random) {
    if (patch < 1 || size % patch != 0) {
      throw new IllegalArgumentException(
          "patches of %d do not divide an image of %d".formatted(patch, size));
    }
    this.size = size;
    RandomStream init = random.stream(Randomness.INIT);
    long count = (size / patch) * (size / patch);
    patches =
        child("patches", new Conv2d(channels, width, Convolution.of(patch).stride(patch), random));
    classToken =
        parameter("classToken", Init.truncatedNormal(Tensor.zeros(1, 1, width), 0.02, init));
    positions =
        parameter("positions", Init.truncatedNormal(Tensor.zeros(1, count + 1, width), 0.02, init));
    List<Layer> all = new ArrayList<>();
    for (int i = 0; i < depth; i++) all.add(new TransformerBlock(width, heads, false, random));
    blocks = child("blocks", new Sequential(all));
    norm = child("norm", new LayerNorm(width));
    head = child("head", new Linear(width, classes, random));
  }

  @Override
  protected Tensor compute(Tensor x) {
    return head.forward(tokens(x).select(1, 0));
  }

  /**
   * The class token's and the patches' last states.
   *
   * @return {@code [batch, 1 + patches, width]}
   */
  public Tensor tokens(Tensor x) {
    Shapes.require("the images", x, Shapes.ANY, Shapes.ANY, size, size);
    Tensor tokens = patches.forward(x).flatten(2, 3).transpose(1, 2);
    Tensor first = classToken.expand(x.size(0), -1, -1);
    return norm.forward(blocks.forward(Tensor.cat(List.of(first, tokens), 1).add(positions)));
  }
}
