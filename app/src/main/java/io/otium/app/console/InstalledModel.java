package io.otium.app.console;

import io.otium.lm.LanguageModel;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A model that the server can answer with.
 *
 * @param bytes of its files; 0 if unknown
 * @param loaded the model in memory; null if it is not loaded
 * @param details what else is known of it, label to text, in the order to show
 */
public record InstalledModel(
    String id, long bytes, @Nullable LanguageModel loaded, Map<String, String> details) {}
