package io.otium.app.bench;

import java.lang.management.ManagementFactory;
import java.util.Locale;
import java.util.Optional;

/** How busy the machine is with other things. */
final class Load {
  /** Share of the cores from which on figures are no longer to be trusted. */
  private static final double MOST = 0.25;

  private Load() {}

  /** Processes that wanted to run, mean of the last minute; negative if the system does not say. */
  static double now() {
    return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
  }

  /** A sentence if that is too much for a measurement. */
  static Optional<String> warning(double load, int cores) {
    return load <= MOST * cores
        ? Optional.empty()
        : Optional.of(
            String.format(
                Locale.ROOT,
                "the machine is busy (load %.1f on %d cores): figures will be too low, and ratios"
                    + " may be wrong",
                load,
                cores));
  }
}
