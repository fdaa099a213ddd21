package io.otium.app.cli;

import io.otium.lm.hub.ProgressListener;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** Shows a pull: a bar where a person reads, a line for each quarter where a log does. */
final class PullProgress implements ProgressListener, AutoCloseable {
  private static final int WIDTH = 79;

  private final Cli cli;
  private final Map<String, Long> done = new HashMap<>();
  private long total;
  private int quarters;
  private @Nullable ProgressBar bar;

  PullProgress(Cli cli) {
    this.cli = cli;
  }

  @Override
  public synchronized void onStart(String source, List<FileSize> files) {
    close();
    done.clear();
    quarters = 0;
    boolean known = files.stream().allMatch(file -> file.bytes() >= 0);
    total = known ? files.stream().mapToLong(FileSize::bytes).sum() : -1;
    cli.err().println("fetching " + source + (total > 0 ? " (" + megabytes(total) + ")" : ""));
    cli.err().flush();
    if (cli.noticing()) {
      bar =
          new ProgressBarBuilder()
              .setTaskName("")
              .setInitialMax(total)
              .setUnit(" MB", 1_000_000)
              .showSpeed()
              .setStyle(ProgressBarStyle.COLORFUL_UNICODE_BAR)
              .setUpdateIntervalMillis(200)
              .setConsumer(new ConsoleProgressBarConsumer(cli.err(), WIDTH))
              .build();
    }
  }

  @Override
  public synchronized void onProgress(String file, long bytes, long size) {
    done.put(file, bytes);
    long sum = done.values().stream().mapToLong(Long::longValue).sum();
    if (bar != null) {
      bar.stepTo(sum);
    } else if (total > 0 && sum * 4 / total > quarters) {
      quarters = (int) (sum * 4 / total);
      cli.err().println(quarters * 25 + " % of " + megabytes(total));
      cli.err().flush();
    }
  }

  @Override
  public synchronized void onNote(String sentence) {
    if (bar != null) close();
    cli.err().println(sentence);
    cli.err().flush();
  }

  /** Ends the bar, so that what follows begins a line of its own. */
  @Override
  public synchronized void close() {
    if (bar != null) bar.close();
    bar = null;
  }

  static String megabytes(long bytes) {
    return bytes < 1_000_000_000
        ? String.format(Locale.ROOT, "%.1f MB", bytes / 1e6)
        : String.format(Locale.ROOT, "%.2f GB", bytes / 1e9);
  }
}
