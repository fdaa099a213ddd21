package io.otium.app.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.otium.core.run.RunInfo;
import java.awt.BasicStroke;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** A run's metric over its steps, as files: single values pale, their moving mean on top. */
final class RunPlot {
  /** The share of a new value in the moving mean, for a run of hundreds of steps. */
  private static final double NEW = 0.1;

  private record Series(List<Double> steps, List<Double> values) {}

  private RunPlot() {}

  /**
   * Draws one metric of some runs.
   *
   * @param file without its ending; {@code .png} and {@code .svg} are written
   * @throws Usage if none of them has such a metric, with those there are
   */
  static void write(List<RunInfo> runs, String metric, Path file) throws IOException {
    // Drawing needs no display; without this a server's JVM may look for one.
    System.setProperty("java.awt.headless", "true");
    XYChart chart =
        new XYChartBuilder()
            .width(900)
            .height(500)
            .title(metric.replace('_', ' '))
            .xAxisTitle("step")
            .yAxisTitle(metric.replace('_', ' '))
            .build();
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
    chart.getStyler().setPlotBorderVisible(false);
    chart.getStyler().setLegendVisible(runs.size() > 1);
    chart.getStyler().setAntiAlias(true);
    Color[] colors = {new Color(0x1F6FEB), new Color(0xD1662A), new Color(0x2E8B57)};
    boolean any = false;
    for (int i = 0; i < runs.size(); i++) {
      Series series = series(runs.get(i), metric);
      if (series.steps().isEmpty()) continue;
      any = true;
      Color color = colors[i % colors.length];
      var single = chart.addSeries(runs.get(i).id() + " ", series.steps(), series.values());
      single.setMarker(SeriesMarkers.NONE).setShowInLegend(false);
      single.setLineColor(new Color(color.getRed(), color.getGreen(), color.getBlue(), 70));
      single.setLineStyle(new BasicStroke(1));
      var smooth = chart.addSeries(runs.get(i).id(), series.steps(), smooth(series.values()));
      smooth.setMarker(SeriesMarkers.NONE);
      smooth.setLineColor(color);
      smooth.setLineStyle(new BasicStroke(2));
    }
    if (!any) {
      throw new Usage(
          "no '%s' was measured; there are %s"
              .formatted(metric, String.join(", ", runs.getFirst().lastMetrics().keySet())));
    }
    Files.createDirectories(file.toAbsolutePath().resolveSibling(""));
    BitmapEncoder.saveBitmap(chart, file.toString(), BitmapFormat.PNG);
    VectorGraphicsEncoder.saveVectorGraphic(chart, file.toString(), VectorGraphicsFormat.SVG);
  }

  private static Series series(RunInfo run, String metric) {
    Series series = new Series(new ArrayList<>(), new ArrayList<>());
    for (JsonNode line : run.metrics()) {
      JsonNode value = line.path(metric);
      if (!value.isNumber()) continue; // NaN is a text: it has no place on a plot
      series.steps().add(line.path("step").asDouble());
      series.values().add(value.asDouble());
    }
    return series;
  }

  private static List<Double> smooth(List<Double> values) {
    List<Double> smooth = new ArrayList<>();
    double mean = 0;
    double share = 0;
    for (double value : values) {
      mean += NEW * (value - mean);
      share += NEW * (1 - share);
      smooth.add(mean / share); // without the pull of the zero it began at
    }
    return smooth;
  }
}
