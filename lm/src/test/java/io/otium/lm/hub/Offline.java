package io.otium.lm.hub;

import java.time.Duration;

/** For tests that must ask no server, and for those that ask one of their own. */
final class Offline {
  private Offline() {}

  static final Transport.Patience PATIENCE =
      new Transport.Patience(
          Duration.ofSeconds(5),
          Duration.ofSeconds(20),
          4,
          Duration.ofSeconds(1),
          Duration.ofSeconds(90));

  static final Transport TRANSPORT =
      new Transport(
          () -> {
            throw new AssertionError("a test without a server asked one");
          },
          PATIENCE,
          duration -> {});
}
