package io.otium.app.cli;

import io.otium.core.optim.GradientNorm;
import io.otium.core.optim.GradientNorms;
import io.otium.core.optim.RefinedSchedule;
import java.awt.BasicStroke;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.markers.SeriesMarkers;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code otium schedule refine}: the learning rate's course from a run's gradient norms. */
@Command(
    description = {
      "Computes learning-rate schedules; refine makes one from the gradient norms of a finished"
          + " run",
      "(Defazio et al. 2023). A recipe takes it as schedule: refined:RUN."
    },
    footer = {
      "Examples:",
      "  ./otium schedule refine RUN",
      "  ./otium schedule refine norms.csv --norm l2 --steps 20000 --plot schedule.png"
    })
final class ScheduleRefining implements Verb {
  private static final int BARS = 20;
  private static final int BAR = 40;

  private final Cli cli;

  @Mixin Common common;

  ScheduleRefining(Cli cli) {
    this.cli = cli;
  }

  @Override
  public Integer call() {
    throw new Usage("say refine and a recording: ./otium schedule refine RUN|FILE");
  }

  @Command(
      name = "refine",
      description = "Prints the schedule that a recording of gradient norms asks for.")
  int refine(
      @Parameters(
              paramLabel = "RUN|FILE",
              description = "a training run, or a CSV file of step,l1,l2")
          String recording,
      @Option(
              names = "--norm",
              paramLabel = "l1|l2",
              defaultValue = "l1",
              description = "l1 for Adam and its kin (default), l2 for SGD and Muon")
          String norm,
      @Option(
              names = "--tau",
              paramLabel = "SHARE",
              defaultValue = "0.1",
              description = "share of the run that the running median spans (default: 0.1)")
          double tau,
      @Option(
              names = "--steps",
              paramLabel = "N",
              description = "updates of the new run (default: as recorded)")
          Integer steps,
      @Option(names = "--optimize", description = "the least bound instead of the closed form")
          boolean optimize,
      @Option(names = "--plot", paramLabel = "FILE.png", description = "draw it, too") Path plot,
      @Mixin Common flags)
      throws IOException {
    RefinedSchedule schedule = schedule(recording, norm, tau, steps, optimize);
    if (plot != null) draw(schedule, plot);
    RefinedSchedule.Polynomial near = schedule.nearestPolynomial();
    if (flags.json || common.json) {
      var json = Json.MAPPER.createObjectNode();
      json.put("steps", schedule.steps()).put("warmup", schedule.warmup());
      json.putObject("polynomial")
          .put("warmup", near.warmup())
          .put("power", near.power())
          .put("error", near.error());
      var factors = json.putArray("factors");
      for (double factor : schedule.factors()) factors.add(factor);
      var warnings = json.putArray("warnings");
      schedule.warnings().forEach(warnings::add);
      Json.print(cli, json);
      return 0;
    }
    print(schedule, near);
    if (plot != null) cli.out().println(plot);
    return 0;
  }

  private RefinedSchedule schedule(
      String recording, String norm, double tau, Integer steps, boolean optimize) {
    Path file = Path.of(recording);
    try {
      GradientNorm by = GradientNorm.valueOf(norm.toUpperCase(Locale.ROOT));
      GradientNorms norms =
          GradientNorms.read(
              Files.isRegularFile(file) ? file : cli.runs().show(recording).folder());
      int length = steps == null ? norms.steps() : steps;
      return optimize
          ? RefinedSchedule.optimised(norms.of(by), tau, length)
          : RefinedSchedule.of(norms, by, tau, length);
    } catch (IllegalArgumentException wrong) {
      throw new Usage(
          norm.matches("(?i)l[12]")
              ? String.valueOf(wrong.getMessage())
              : "--norm is l1 or l2, not " + norm);
    }
  }

  private void print(RefinedSchedule schedule, RefinedSchedule.Polynomial near) {
    double[] factors = schedule.factors();
    int rows = Math.min(BARS, factors.length);
    for (int i = 0; i < rows; i++) {
      int step = (int) ((long) i * (factors.length - 1) / Math.max(1, rows - 1));
      int length = (int) Math.round(factors[step] * BAR);
      cli.out().printf(Locale.ROOT, "%8d  %.4f  %s%n", step + 1, factors[step], "█".repeat(length));
    }
    cli.out()
        .printf(
            Locale.ROOT,
            "warm-up: %.0f %% of the steps; nearest polynomial: warm-up %.0f %%, power %.1f (error"
                + " %.3f)%n",
            100 * schedule.warmup(),
            100 * near.warmup(),
            near.power(),
            near.error());
    schedule.warnings().forEach(warning -> cli.err().println("note: " + warning));
  }

  private static void draw(RefinedSchedule schedule, Path file) throws IOException {
    System.setProperty("java.awt.headless", "true");
    XYChart chart =
        new XYChartBuilder()
            .width(900)
            .height(400)
            .title("refined schedule")
            .xAxisTitle("step")
            .yAxisTitle("factor of the learning rate")
            .build();
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
    chart.getStyler().setPlotBorderVisible(false);
    chart.getStyler().setLegendVisible(false);
    double[] steps = new double[schedule.steps()];
    for (int i = 0; i < steps.length; i++) steps[i] = i + 1;
    var line = chart.addSeries("factor", steps, schedule.factors());
    line.setMarker(SeriesMarkers.NONE).setLineColor(new Color(0x1F6FEB));
    line.setLineStyle(new BasicStroke(2));
    Files.createDirectories(file.toAbsolutePath().resolveSibling(""));
    BitmapEncoder.saveBitmap(chart, file.toString(), BitmapFormat.PNG);
  }
}
