package io.otium.app.bench;

import java.util.Map;

/** How long a program takes as a whole. */
final class Startups {
  static final String PROMPT = "Once upon a time";

  private Startups() {}

  /** Milliseconds of a run, after one that is not timed. */
  static Map<String, Double> measure(Command command, int repeats) {
    Command.Output ignored = command.run();
    double[] samples = new double[repeats];
    for (int i = 0; i < repeats; i++) {
      long start = System.nanoTime();
      ignored = command.run();
      samples[i] = (System.nanoTime() - start) * 1e-6;
    }
    return Map.of("startup", Median.of(samples));
  }
}
