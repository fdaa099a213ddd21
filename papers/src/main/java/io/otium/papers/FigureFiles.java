package io.otium.papers;

import io.otium.papers.Experiment.Arm;
import io.otium.papers.Experiment.Outcome;
import java.awt.Color;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;

/** An outcome's figure as files: a bar for each arm. */
final class FigureFiles {
  private FigureFiles() {}

  /**
   * @param file without its ending; {@code .png} and {@code .svg} are written
   */
  static void write(Outcome outcome, Path file) {
    // Drawing needs no display; without this a server's JVM may look for one.
    System.setProperty("java.awt.headless", "true");
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(800)
            .height(450)
            .title(outcome.figure().title())
            .yAxisTitle(outcome.figure().axis())
            .build();
    chart.getStyler().setLegendVisible(false);
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
    List<String> names = outcome.arms().stream().map(Arm::name).toList();
    List<Double> values =
        outcome.arms().stream()
            .map(arm -> arm.metrics().getOrDefault(outcome.figure().metric(), 0.0))
            .toList();
    chart.addSeries(outcome.figure().metric(), names, values);
    try {
      BitmapEncoder.saveBitmap(chart, file.toString(), BitmapFormat.PNG);
      VectorGraphicsEncoder.saveVectorGraphic(chart, file.toString(), VectorGraphicsFormat.SVG);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be written: " + e.getMessage(), e);
    }
  }
}
