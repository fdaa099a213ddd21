package io.otium.app.bench;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** A system that can be measured: Otium itself, or a peer. */
interface Contestant {
  String name();

  /** Whether it does such things at all. */
  default boolean measures(Workload workload) {
    return workload instanceof Workload.Inference;
  }

  /** Why it cannot be measured here, and what would mend it; empty if it can. */
  Optional<Missing> missing();

  /** What is missing, and how to mend it. */
  record Missing(String what, String fix) {}

  /**
   * Its arms for a workload; none where the workload is not compared with this system.
   *
   * @throws BenchException if the model cannot be brought into its form
   */
  List<Arm> arms(Workload workload, Setting setting) throws IOException;
}
