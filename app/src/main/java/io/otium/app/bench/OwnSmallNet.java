package io.otium.app.bench;

import io.otium.core.nn.Activation;
import io.otium.core.nn.Mlp;
import io.otium.core.optim.Optimizer;
import io.otium.core.optim.Sgd;
import io.otium.core.tensor.Losses;
import io.otium.core.tensor.Randomness;
import io.otium.core.tensor.Scope;
import io.otium.core.tensor.Tensor;
import io.otium.core.tensor.Threads;
import java.io.IOException;
import java.util.List;

/** Steps a second of SGD on a network of two layers, 784-256-10, with batches of 32. */
public final class OwnSmallNet {
  private static final int BATCH = 32;
  private static final int REPEATS = 5;

  private OwnSmallNet() {}

  /**
   * @param warmUps steps that are not timed
   * @param steps timed together, several times, of which the median counts
   */
  public static TrainingFigures train(int threads, int warmUps, int steps) throws IOException {
    var randomness = new Randomness(1);
    try (var _ = new Threads(threads);
        var _ = new Scope();
        var network = new Mlp(Activation.RELU, randomness, 784, 256, 10);
        var optimizer = Optimizer.of(Sgd.DEFAULTS.withLr(0.1), network.parameters())) {
      var data = randomness.stream(Randomness.DATA_ORDER);
      Tensor x = data.randn(BATCH, 784);
      Tensor y = data.randint(0, 10, BATCH);
      double[] rates = new double[REPEATS];
      run(network, optimizer, x, y, warmUps);
      for (int i = 0; i < REPEATS; i++) rates[i] = run(network, optimizer, x, y, steps);
      return new TrainingFigures(Median.of(rates), ResidentMemory.peak(), List.of());
    }
  }

  private static double run(Mlp network, Optimizer optimizer, Tensor x, Tensor y, int steps) {
    long begin = System.nanoTime();
    for (int i = 0; i < steps; i++) {
      try (var _ = new Scope()) {
        Losses.crossEntropy(network.forward(x), y).backward();
        optimizer.step();
        optimizer.zeroGrad();
      }
    }
    return steps / ((System.nanoTime() - begin) / 1e9);
  }
}
