package io.otium.lm.model;

import java.util.Locale;

/** A weight is no finite number, so that whatever the model computed would be none. */
public final class DamagedWeightException extends IllegalStateException {
  private static final long serialVersionUID = 1;

  DamagedWeightException(String name, int row, int column, float value) {
    super(
        String.format(
            Locale.ROOT,
            "weight %s is %s in row %d, column %d, not a finite number: the file is damaged, fetch"
                + " it again",
            name,
            Float.isNaN(value) ? "NaN" : "infinite",
            row,
            column));
  }
}
