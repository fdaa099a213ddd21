package io.otium.core.data;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * JSON Lines: an object a line. Read with Jackson alone, not through DuckDB: a broken line has to
 * be named by its number, and DuckDB would take texts that look like dates for dates.
 */
final class JsonLines implements DataFile.Reader {
  static final JsonFactory JSON = new ObjectMapper().getFactory();

  private final Path path;
  private final String file;
  private final Set<String> columns = new LinkedHashSet<>();
  private long lines;
  private long rows;

  JsonLines(Path path, String file) {
    this.path = path;
    this.file = file;
    FaultyLines broken = new FaultyLines();
    Lines.read(
        path,
        file,
        (number, bytes, length) -> {
          lines = number;
          int start = Lines.start(number, bytes, length);
          if (blank(bytes, start, length)) {
            return;
          }
          rows++;
          String fault = check(bytes, start, length);
          if (fault != null) {
            broken.add("line", number, fault);
          }
        });
    broken.refuse(file, "line", lines, "are broken");
  }

  @Override
  public List<String> columns() {
    return List.copyOf(columns);
  }

  @Override
  public long rows() {
    return rows;
  }

  @Override
  public void read(List<String> wanted, Consumer<Row> sink, DataFile.Missing missing) {
    Lines.read(
        path,
        file,
        (number, bytes, length) -> {
          int start = Lines.start(number, bytes, length);
          if (blank(bytes, start, length)) {
            return;
          }
          try (JsonParser parser = JSON.createParser(bytes, start, length - start)) {
            parser.nextToken();
            give(parser, wanted, file, number, sink, missing);
          } catch (IOException e) {
            throw new DataException(file + " was changed while it was read", e);
          }
        });
  }

  /** What is wrong with a line, or null; collects its keys. */
  private @Nullable String check(byte[] bytes, int start, int length) {
    try (JsonParser parser = JSON.createParser(bytes, start, length - start)) {
      parser.nextToken();
      String fault = check(parser, columns);
      if (fault != null) {
        return fault;
      }
      return parser.nextToken() == null ? null : "more than one JSON object";
    } catch (JsonProcessingException e) {
      return e.getOriginalMessage();
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    }
  }

  /** Reads past the value at hand; says what is wrong with it as a row, or null. */
  static @Nullable String check(JsonParser parser, Set<String> columns) throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      skip(parser);
      return "no JSON object";
    }
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      columns.add(parser.currentName());
      parser.nextToken();
      skip(parser);
    }
    return null;
  }

  /** Past a value, looking at the texts in it: {@code skipChildren} does not decode them. */
  private static void skip(JsonParser parser) throws IOException {
    int depth = 0;
    do {
      JsonToken token = parser.currentToken();
      if (token == null) {
        return;
      } else if (token.isStructStart()) {
        depth++;
      } else if (token.isStructEnd()) {
        depth--;
      } else if (token == JsonToken.VALUE_STRING) {
        parser.getTextLength();
      }
      if (depth > 0) {
        parser.nextToken();
      }
    } while (depth > 0);
  }

  /** Gives out the object at hand as a row, or says what it lacks. */
  static void give(
      JsonParser parser,
      List<String> wanted,
      String file,
      long line,
      Consumer<Row> sink,
      DataFile.Missing missing)
      throws IOException {
    @Nullable JsonNode[] values = new @Nullable JsonNode[wanted.size()];
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      int at = wanted.indexOf(parser.currentName());
      JsonToken token = parser.nextToken();
      if (at >= 0 && token != JsonToken.VALUE_NULL) {
        values[at] = parser.readValueAsTree();
      } else {
        parser.skipChildren();
      }
    }
    List<JsonNode> row = new ArrayList<>(values.length);
    for (JsonNode value : values) {
      if (value == null) {
        missing.missing(line, wanted.get(row.size()));
        return;
      }
      row.add(value);
    }
    sink.accept(new Row(file + " line " + line, wanted, row));
  }

  private static boolean blank(byte[] bytes, int start, int length) {
    for (int i = start; i < length; i++) {
      if (bytes[i] != ' ' && bytes[i] != '\t' && bytes[i] != '\r') {
        return false;
      }
    }
    return true;
  }
}
