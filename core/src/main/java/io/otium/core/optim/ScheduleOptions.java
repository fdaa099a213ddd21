package io.otium.core.optim;

import io.otium.core.options.Doc;
import io.otium.core.options.OptionException;
import io.otium.core.options.Range;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/** The learning rate's course over a run, as a recipe names it. */
@Doc("Learning-rate schedule")
public record ScheduleOptions(
    @Doc(
            "constant, linear, cosine, inverse-sqrt, wsd, or refined:RUN from the gradient norms"
                + " of an earlier run or a file of them")
        String schedule,
    @Doc("Share of the steps over which the rate rises; refined has its own")
        @Range(min = 0, max = 1)
        double warmup,
    @Doc("Share of the steps over which wsd falls at the end") @Range(min = 0, max = 1)
        double decay,
    @Doc("What the rate falls towards, as a share of itself") @Range(min = 0, max = 1) double end,
    @Doc("Share of the recorded run that refined takes the running median over")
        @Range(min = 0, max = 1)
        double tau) {

  private static final List<String> NAMES =
      List.of("constant", "linear", "cosine", "inverse-sqrt", "wsd", "refined:RUN");
  private static final String REFINED = "refined:";

  /** Linear decay after a warm-up of 5 % of the steps. */
  public static final ScheduleOptions DEFAULTS =
      new ScheduleOptions("linear", 0.05, 0.2, 0, RefinedSchedule.TAU);

  public ScheduleOptions {
    if (!NAMES.contains(schedule) && !isRefined(schedule)) {
      throw OptionException.invalid("schedule", schedule, "one of " + String.join(", ", NAMES));
    }
    if (schedule.equals("wsd") && warmup + decay > 1) {
      throw OptionException.invalid("decay", decay, "at most 1 − warmup (" + (1 - warmup) + ")");
    }
  }

  private static boolean isRefined(String schedule) {
    return schedule.startsWith(REFINED) && schedule.length() > REFINED.length();
  }

  /**
   * The schedule of a run.
   *
   * @param steps how many updates it has
   * @param rule whose norm a recording is refined by
   * @param recordings finds what stands after {@code refined:}
   * @throws IllegalArgumentException for a recording that cannot be used, with the reason
   */
  public Schedule over(int steps, UpdateRule rule, Function<String, Path> recordings) {
    long rise = Math.round(warmup * steps);
    return switch (schedule) {
      case "constant" -> Schedule.constant(rise);
      case "linear" -> Schedule.linear(steps, rise, end);
      case "cosine" -> Schedule.cosine(steps, rise, end);
      case "inverse-sqrt" -> Schedule.inverseSqrt(Math.max(1, rise));
      case "wsd" ->
          Schedule.wsd(steps, rise, Math.min(Math.round(decay * steps), steps - rise), end);
      default ->
          RefinedSchedule.of(
              GradientNorms.read(recordings.apply(schedule.substring(REFINED.length()))),
              GradientNorm.of(rule),
              tau,
              steps);
    };
  }
}
