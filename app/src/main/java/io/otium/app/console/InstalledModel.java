package io.otium.app.console;

import io.otium.app.console.chat.Figures;
import io.otium.lm.LanguageModel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A model that the server can answer with.
 *
 * @param bytes of its files; 0 if unknown
 * @param loading whether it is being loaded, since the server has just started
 * @param loaded the model in memory; null if it is not loaded
 * @param details what else is known of it, label to text, in the order to show
 */
public record InstalledModel(
    String id,
    long bytes,
    boolean loading,
    @Nullable LanguageModel loaded,
    Map<String, String> details) {
  /** The facts of its line in the list. */
  public String summary() {
    List<String> facts = new ArrayList<>();
    if (loaded != null) {
      var info = loaded.info();
      facts.add(info.architecture());
      facts.add(count(info.parameters()) + " parameters");
      facts.add(info.weights());
      facts.add(String.format(Locale.ROOT, "context %,d", info.context()));
    }
    if (bytes > 0) {
      facts.add(Figures.bytes(bytes) + " on disk");
    }
    return String.join(" · ", facts);
  }

  /** Everything that is known, label to text. */
  public Map<String, String> facts() {
    Map<String, String> facts = new LinkedHashMap<>(details);
    if (loaded != null) {
      var info = loaded.info();
      var stats = loaded.stats();
      facts.put("Architecture", info.architecture());
      facts.put("Layers", info.layers() + " of width " + info.width());
      facts.put("Parameters", String.format(Locale.ROOT, "%,d", info.parameters()));
      facts.put("Context", String.format(Locale.ROOT, "%,d tokens", info.context()));
      facts.put("Weights", info.weights() + ", " + Figures.bytes(stats.weightBytes()));
      facts.put(
          "KV cache",
          String.format(
              Locale.ROOT, "%,d slots, %s", stats.kvSlotsTotal(), Figures.bytes(stats.kvBytes())));
      facts.put("Chat template", loaded.canChat() ? "its own" : "none: completions only");
    }
    return facts;
  }

  private static String count(long number) {
    if (number >= 1_000_000_000) {
      return String.format(Locale.ROOT, "%.1f B", number / 1e9);
    }
    return number >= 1_000_000
        ? String.format(Locale.ROOT, "%.0f M", number / 1e6)
        : String.format(Locale.ROOT, "%,d", number);
  }
}
