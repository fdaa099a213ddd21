package io.otium.lm.model;

import io.otium.core.nn.LowRank;
import io.otium.core.tensor.Functional;
import io.otium.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Low-rank updates of {@link StackedProducts} as one: {@code y += s · B A x}, with their {@code A}s
 * one below the other and their {@code B}s along the diagonal. Seven pairs of small products in a
 * block become four.
 *
 * @param a {@code [Σ ranks, inputs]}
 * @param b {@code [Σ outputs, Σ ranks]}
 */
record StackedUpdates(List<Part> parts, double scale, Tensor a, Tensor b) {
  /** One part's update: where its rows of {@code B} and its ranks begin. */
  private record Part(LowRank update, int output, int rank) {
    int outputs() {
      return (int) update.b().size(0);
    }

    int ranks() {
      return (int) update.a().size(0);
    }

    /** Its block of the diagonal. */
    Tensor block(Tensor all) {
      return all.narrow(0, output, outputs()).narrow(1, rank, ranks());
    }
  }

  /** The updates of some products; null if they have others, or of different scales. */
  static @Nullable StackedUpdates of(StackedProducts products) {
    List<Part> parts = new ArrayList<>();
    int ranks = 0;
    for (StackedProducts.Adapted some : products.adapted()) {
      LowRank update = some.part().lowRank();
      if (update == null) return null;
      parts.add(new Part(update, some.first(), ranks));
      ranks += (int) update.a().size(0);
    }
    double scale = parts.getFirst().update().scale();
    if (parts.stream().anyMatch(part -> part.update().scale() != scale)) return null;
    Tensor a = Tensor.cat(parts.stream().map(part -> part.update().a()).toList(), 0);
    Tensor b = Tensor.zeros(a.dtype(), products.outputs(), ranks);
    for (Part part : parts) part.block(b).copyFrom(part.update().b());
    return new StackedUpdates(List.copyOf(parts), scale, a, b);
  }

  /** The same with what is needed for the way back kept. */
  StackedUpdates keptBy(UnaryOperator<Tensor> keeper) {
    return new StackedUpdates(parts, scale, keeper.apply(a), keeper.apply(b));
  }

  /**
   * Adds to the products' results.
   *
   * @return {@code A x}, {@code [rows, Σ ranks]}
   */
  Tensor apply(Tensor x, Tensor y) {
    Tensor z = Functional.linear(x, a, null);
    y.addmmInPlace(z, b.transpose(0, 1), 1, scale);
    return z;
  }

  /**
   * Adds to the gradient of the input, and to those of all {@code B}s.
   *
   * @param z what {@link #apply} gave
   * @return adds to the gradients of all {@code A}s, given the input
   */
  Consumer<Tensor> back(Tensor z, Tensor dy, Tensor dx) {
    Tensor dz = dy.matmul(b).mulInPlace(scale);
    dx.addmmInPlace(dz, a, 1, 1);
    Tensor ofB = dy.transpose(0, 1).matmul(z).mulInPlace(scale);
    for (Part part : parts) StackedProducts.add(part.update().b(), part.block(ofB));
    return x -> {
      Tensor ofA = dz.transpose(0, 1).matmul(x);
      for (Part part : parts) {
        StackedProducts.add(part.update().a(), ofA.narrow(0, part.rank(), part.ranks()));
      }
    };
  }
}
