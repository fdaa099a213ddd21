package io.otium.app.bench;

import java.io.IOException;

/** A system of others, which can be fetched. */
interface Peer extends Contestant {
  /**
   * Fetches it into the peers' folder, by the machine's own package tools and their settings.
   *
   * @throws BenchException if a step fails, with where its log is
   */
  void install(Installation into) throws IOException;
}
