package io.otium.core.data;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * A row of a data file.
 *
 * @param where for messages: {@code chats.jsonl line 17}, {@code chats.parquet row 17}
 * @param columns names of the values
 * @param values as JSON, none of them null; all texts where the file is CSV
 */
public record Row(String where, List<String> columns, List<JsonNode> values) {

  /**
   * @throws IllegalArgumentException if the column was not asked for
   */
  public JsonNode value(String column) {
    int at = columns.indexOf(column);
    if (at < 0) {
      throw new IllegalArgumentException(
          "the column " + column + " was not read, only " + String.join(", ", columns));
    }
    return values.get(at);
  }

  /**
   * A column's text; numbers and truth values as they are written.
   *
   * @throws DataException if it holds a list or an object
   */
  public String text(String column) {
    JsonNode value = value(column);
    if (value.isContainerNode()) {
      throw refused(
          column, value.isArray() ? "a list where a text is due" : "an object where a text is due");
    }
    return value.asText();
  }

  /**
   * A column's number, which may be written as a text.
   *
   * @throws DataException if it is none
   */
  public double number(String column) {
    JsonNode value = value(column);
    if (value.isNumber()) {
      return value.doubleValue();
    }
    try {
      return Double.parseDouble(text(column).strip());
    } catch (NumberFormatException e) {
      throw refused(column, "\"" + FaultyLines.shorten(text(column)) + "\" where a number is due");
    }
  }

  /** The refusal of a value: {@code chats.jsonl line 17: "messages" holds …}. */
  public DataException refused(String column, String holds) {
    return new DataException(where + ": \"" + column + "\" holds " + holds);
  }
}
