package io.otium.app.bench;

import io.otium.app.bench.Workload.Better;

/**
 * A figure that Otium is asked to reach.
 *
 * @param better which way the figure should go
 * @param asked what is needed
 * @param aim what is hoped for
 * @param ofRatio whether it is Otium's value by the best peer's, and not a value itself
 */
public record Target(Better better, double asked, double aim, boolean ofRatio) {
  /** Whether what was measured is as good as asked, or better. */
  public boolean holds(double measured) {
    return better == Better.HIGHER ? measured >= asked : measured <= asked;
  }
}
