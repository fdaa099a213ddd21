package io.otium.core.optim;

import io.otium.core.tensor.Tensor;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Writes the gradients' norms of every update to a file, {@code step,l1,l2}, for a later {@link
 * RefinedSchedule}. Call it after the backward pass, with accumulation averaged and loss scale
 * divided out, before clipping; a step that is skipped is not recorded.
 */
public final class GradientNormRecorder implements AutoCloseable {
  /** What the file is called among a run's artifacts. */
  public static final String FILE = "gradient-norms.csv";

  private final Path file;
  private final BufferedWriter writer;

  /**
   * @param from the first step that this process will record: what the file has from there on, of a
   *     run that was killed, is dropped
   */
  public GradientNormRecorder(Path file, long from) {
    this.file = file;
    try {
      List<String> kept = new ArrayList<>(List.of(GradientNorms.HEADER));
      if (Files.exists(file)) {
        for (String line : Files.readAllLines(file)) if (isBefore(line, from)) kept.add(line);
      }
      Files.write(file, kept);
      writer = Files.newBufferedWriter(file, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private static boolean isBefore(String line, long from) {
    if (GradientNorms.row(line) == null) return false;
    String step = line.substring(0, line.indexOf(',')).strip();
    return step.matches("\\d{1,18}") && Long.parseLong(step) < from;
  }

  /** Records the gradients that the parameters have now. */
  public void record(long step, Collection<Tensor> parameters) {
    record(step, Gradients.norm(parameters, 1), Gradients.norm(parameters, 2));
  }

  public void record(long step, double l1, double l2) {
    try {
      writer.write(step + "," + l1 + "," + l2 + "\n");
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /** To disk, as with a checkpoint. */
  public void flush() {
    try {
      writer.flush();
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private UncheckedIOException failed(IOException e) {
    return new UncheckedIOException(
        new IOException(file + " cannot be written: " + e.getMessage(), e));
  }

  @Override
  public void close() {
    try {
      writer.close();
    } catch (IOException e) {
      throw failed(e);
    }
  }
}
