package io.otium.examples;

import io.otium.core.nn.Activation;
import io.otium.core.nn.Mlp;
import io.otium.core.optim.AdamW;
import io.otium.core.optim.Optimizer;
import io.otium.core.tensor.Losses;
import io.otium.core.tensor.Randomness;
import io.otium.core.tensor.Scope;
import io.otium.core.tensor.Tensor;

/** A training loop of one's own: a network learns which of two numbers is larger. */
public final class WriteALoop {
  private WriteALoop() {}

  public static void main(String[] args) {
    var random = new Randomness(7);
    var draws = random.stream("numbers");
    try (var net = new Mlp(Activation.RELU, random, 2, 16, 2);
        var optimizer = Optimizer.of(AdamW.DEFAULTS.withLr(0.01), net.parameters())) {
      for (int step = 1; step <= 200; step++) {
        try (var _ = new Scope()) { // frees what is made in it
          Tensor x = draws.randn(64, 2);
          Tensor loss = Losses.crossEntropy(net.forward(x), x.argmax(1));
          loss.backward();
          optimizer.step();
          optimizer.zeroGrad();
          if (step % 50 == 0) System.out.printf("step %d: loss %.3f%n", step, loss.item());
        }
      }
    }
  }
}
