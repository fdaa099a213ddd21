package io.otium.core.nn;

import io.otium.core.tensor.RandomStream;
import io.otium.core.tensor.Randomness;
import io.otium.core.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A recurrent network's weights, four for each layer, by PyTorch's names and in its order. */
record RecurrentWeights(Map<String, Tensor> byName) {
  RecurrentWeights(int gates, long inputs, long hidden, int layers, Randomness random) {
    this(made(gates, inputs, hidden, layers, random.stream(Randomness.INIT)));
  }

  private static Map<String, Tensor> made(
      int gates, long inputs, long hidden, int layers, RandomStream init) {
    if (layers < 1) throw new IllegalArgumentException("at least one layer, not " + layers);
    double bound = 1 / Math.sqrt(hidden);
    Map<String, Tensor> all = new LinkedHashMap<>();
    for (int i = 0; i < layers; i++) {
      all.put("weight_ih_l" + i, Tensor.zeros(gates * hidden, i == 0 ? inputs : hidden));
      all.put("weight_hh_l" + i, Tensor.zeros(gates * hidden, hidden));
      all.put("bias_ih_l" + i, Tensor.zeros(gates * hidden));
      all.put("bias_hh_l" + i, Tensor.zeros(gates * hidden));
    }
    all.values().forEach(tensor -> Init.uniform(tensor, -bound, bound, init));
    return all;
  }

  List<Tensor> inOrder() {
    return List.copyOf(byName.values());
  }
}
