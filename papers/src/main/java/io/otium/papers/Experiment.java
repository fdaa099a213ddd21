package io.otium.papers;

import io.otium.core.run.Run;
import java.util.List;
import java.util.Map;

/**
 * A seeded run that puts a claim to the test: its arms, measured side by side, and a verdict. The
 * same seeds give the same numbers.
 */
public interface Experiment {
  /** What {@code ./otium reproduce} calls it; a paper's id, or a name of our own. */
  String id();

  /** What it shows, in a line. */
  String title();

  /**
   * Measures.
   *
   * @throws io.otium.core.data.DataMissingException if its data are not on this machine
   * @throws java.util.concurrent.CancellationException if the run was cancelled
   */
  Outcome run(Setting setting);

  /**
   * How to run.
   *
   * @param seeds how many seeds, from 0 on
   * @param quick whether a short form, of seconds, will do
   * @param run where metrics and artifacts go; asked often whether it was cancelled
   */
  record Setting(int seeds, boolean quick, Run run) {
    public Setting {
      if (seeds < 1 || seeds > 1000) {
        throw new IllegalArgumentException("seeds must be from 1 to 1000, not " + seeds);
      }
    }
  }

  /** What came out. */
  record Outcome(List<Claim> claims, List<Arm> arms, Figure figure) {
    public Outcome {
      claims = List.copyOf(claims);
      arms = List.copyOf(arms);
      if (claims.isEmpty() || arms.isEmpty()) {
        throw new IllegalArgumentException("an experiment has claims and arms");
      }
    }

    /** Whether every claim holds. */
    public boolean holds() {
      return claims.stream().allMatch(Claim::holds);
    }
  }

  /**
   * A claim and its verdict.
   *
   * @param published what the paper says, or that it says nothing
   * @param measured the number that decides
   * @param threshold what it must reach, in words: {@code at most 0.01}
   */
  record Claim(String name, String published, double measured, String threshold, boolean holds) {
    /** Holds where the number is at most {@code limit}; NaN never does. */
    public static Claim atMost(String name, String published, double measured, double limit) {
      return new Claim(name, published, measured, "at most " + limit, measured <= limit);
    }

    /** Holds where the number is at least {@code limit}; NaN never does. */
    public static Claim atLeast(String name, String published, double measured, double limit) {
      return new Claim(name, published, measured, "at least " + limit, measured >= limit);
    }
  }

  /** One of the things compared, with what was measured of it: names to numbers, in order. */
  record Arm(String name, Map<String, Double> metrics) {}

  /** The figure: a bar for each arm, as high as this metric. */
  record Figure(String title, String metric, String axis) {}
}
