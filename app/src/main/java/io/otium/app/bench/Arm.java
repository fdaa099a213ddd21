package io.otium.app.bench;

import java.io.IOException;
import java.util.Map;
import java.util.Set;

/**
 * One system on one workload.
 *
 * @param system for people, such as {@code llama.cpp Q8_0}
 * @param own whether it is Otium
 * @param weights the precision of Otium's weights; of a peer, those that it is compared with
 */
record Arm(String system, String version, boolean own, Set<String> weights, Measure measure) {
  Arm {
    weights = Set.copyOf(weights);
  }

  /** One round: everything from starting the system to its end. */
  @FunctionalInterface
  interface Measure {
    /**
     * Measures.
     *
     * @return what was measured (the row's workload, such as {@code prefill 512}) and its value
     * @throws BenchException if the system fails
     */
    Map<String, Double> run() throws IOException;
  }
}
