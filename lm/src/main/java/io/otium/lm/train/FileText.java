package io.otium.lm.train;

import io.otium.core.data.DataFile;
import io.otium.lm.data.DataColumns;
import io.otium.lm.data.TokenCache;
import io.otium.lm.text.ModelText;
import java.nio.file.Path;
import java.util.function.Consumer;

/** A user's file. */
record FileText(DataFile file, DataColumns columns) implements TrainingText {
  @Override
  public String description() {
    return file.sha256() + "\n" + columns;
  }

  @Override
  public void texts(Consumer<String> sink) {
    columns.texts(file, sink);
  }

  @Override
  public TokenCache tokens(Path folder, ModelText model) {
    return TokenCache.of(folder, file, columns.encoding(file, model));
  }
}
