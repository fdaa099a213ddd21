package io.otium.lm.train;

import io.otium.lm.data.TokenCache;
import io.otium.lm.text.ModelText;
import java.nio.file.Path;
import java.util.function.Consumer;

/** What a recipe's data is, before there is a tokenizer for it. */
interface TrainingText {
  /** All that the texts depend on. */
  String description();

  /** Gives out what a tokenizer is learnt from. */
  void texts(Consumer<String> sink);

  /** The documents as a model reads them. */
  TokenCache tokens(Path folder, ModelText model);
}
