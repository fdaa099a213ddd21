package io.otium.app.console.train;

import io.otium.core.data.DataFile;
import io.otium.core.data.Row;
import io.otium.lm.ModelFiles;
import io.otium.lm.data.DataColumns;
import io.otium.lm.data.Encoding;
import io.otium.lm.text.LabelledTokens;
import io.otium.lm.text.ModelText;
import io.otium.lm.text.Tokenizer;
import io.otium.lm.train.Recipe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A data file's first rows as a model will see them.
 *
 * @param rows of the whole file
 * @param columns of the file
 */
public record Preview(long rows, List<String> columns, List<Document> documents) {
  private static final int SHOWN = 3;
  private static final int LONGEST = 600;

  /**
   * A row as tokens.
   *
   * @param learned tokens that are learnt
   * @param cut whether only the beginning is shown
   */
  public record Document(String where, int tokens, int learned, boolean cut, List<Piece> pieces) {}

  /**
   * A token's text, or that of several which make a character together.
   *
   * @param learned whether the model learns to write it
   */
  public record Piece(String text, boolean learned) {}

  /** Ends the reading of a file whose first rows are enough. */
  private static final class Enough extends RuntimeException {
    private static final long serialVersionUID = 1;

    Enough() {
      super("", null, false, false);
    }
  }

  /**
   * Reads a file's first rows.
   *
   * @param model where the model lies whose tokens are shown
   * @throws IllegalArgumentException if they cannot be trained on, with the reason
   * @throws IOException if the model cannot be read
   */
  public static Preview of(Path data, Recipe recipe, Path model) throws IOException {
    DataFile file = DataFile.open(data);
    ModelFiles files = ModelFiles.open(model);
    try {
      ModelText text = files.text();
      Encoding encoding =
          new DataColumns(recipe.messages(), recipe.prompt(), recipe.completion(), recipe.text())
              .encoding(file, text);
      List<Document> documents = new ArrayList<>();
      try {
        file.forEach(
            encoding.columns(),
            row -> {
              if (documents.size() == SHOWN) throw new Enough();
              documents.add(document(row, encoding.encode(row), text.tokenizer()));
            });
      } catch (Enough seen) {
        return new Preview(file.size(), file.columns(), documents);
      }
      return new Preview(file.size(), file.columns(), documents);
    } finally {
      files.closeWeights();
    }
  }

  private static Document document(Row row, LabelledTokens labelled, Tokenizer tokenizer) {
    int[] tokens = labelled.tokens();
    int end = Math.min(tokens.length, LONGEST);
    List<Piece> pieces = new ArrayList<>();
    int from = 0;
    for (int to = 1; to <= end; to++) {
      boolean learned = labelled.learned()[from];
      boolean changes = to == end || labelled.learned()[to] != learned;
      String text = tokenizer.decode(Arrays.copyOfRange(tokens, from, to), false);
      // Half a character is shown with its other half.
      if (text.endsWith("\uFFFD") && !changes) continue;
      pieces.add(new Piece(text, learned));
      from = to;
    }
    return new Document(row.where(), tokens.length, labelled.count(), end < tokens.length, pieces);
  }
}
