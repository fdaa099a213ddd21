package io.otium.lm.data;

import io.otium.core.data.DataException;
import io.otium.core.data.Row;
import io.otium.lm.text.LabelledTokens;
import java.util.List;

/** How a row of a data file becomes tokens to learn from. */
public interface Encoding {
  /** The columns that it reads. */
  List<String> columns();

  /**
   * A row's tokens with labels.
   *
   * @throws DataException if the row holds something else, with its line and what is due
   */
  LabelledTokens encode(Row row);

  /**
   * All that the tokens depend on beside the row; a part of what a {@link TokenCache} is named by.
   */
  String description();
}
