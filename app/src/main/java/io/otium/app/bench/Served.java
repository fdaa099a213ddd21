package io.otium.app.bench;

import java.io.IOException;
import java.util.Map;

/** What is measured of a server, whoever's it is. */
final class Served {
  /** Tokens of the answer that a server gives before its memory is read. */
  private static final int ANSWER = 32;

  private Served() {}

  /**
   * Speed of several streams together, once the server is warm.
   *
   * @param server what starts it
   */
  static Map<String, Double> streams(Command server, Workload.Serve serve, int repeats)
      throws IOException {
    try (var running = LocalServer.start(server);
        var load = new StreamLoad(running.uri())) {
      double _ = load.tokensPerSecond(serve.streams(), serve.tokens());
      double[] samples = new double[repeats];
      for (int i = 0; i < repeats; i++) {
        samples[i] = load.tokensPerSecond(serve.streams(), serve.tokens());
      }
      return Map.of("serve %d streams".formatted(serve.streams()), Median.of(samples));
    }
  }

  /** Memory of a server that has answered one long prompt. */
  static Map<String, Double> memory(Command server, Workload.Memory memory) throws IOException {
    try (var running = LocalServer.start(server);
        var load = new StreamLoad(running.uri())) {
      load.answer(load.words(memory.tokens()), ANSWER);
      return ResidentMemory.of(running.pid());
    }
  }
}
