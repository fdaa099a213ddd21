package io.otium.core.data;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
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
  private static final JsonFactory JSON = new ObjectMapper().getFactory();

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
          @Nullable JsonNode[] values = values(wanted, bytes, start, length);
          for (int i = 0; i < values.length; i++) {
            if (values[i] == null) {
              missing.missing(number, wanted.get(i));
              return;
            }
          }
          sink.accept(
              new Row(
                  file + " line " + number,
                  wanted,
                  Arrays.stream(values).<JsonNode>map(v -> v).toList()));
        });
  }

  /** What is wrong with a line, or null; collects its keys. */
  private @Nullable String check(byte[] bytes, int start, int length) {
    try (JsonParser parser = JSON.createParser(bytes, start, length - start)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return "no JSON object";
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String key = parser.currentName();
        if (!columns.contains(key)) {
          columns.add(key);
        }
        parser.nextToken();
        skip(parser);
      }
      return parser.nextToken() == null ? null : "more than one JSON object";
    } catch (JsonProcessingException e) {
      return e.getOriginalMessage();
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    }
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

  private static @Nullable JsonNode[] values(
      List<String> wanted, byte[] bytes, int start, int length) {
    @Nullable JsonNode[] values = new @Nullable JsonNode[wanted.size()];
    try (JsonParser parser = JSON.createParser(bytes, start, length - start)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        int at = wanted.indexOf(parser.currentName());
        JsonToken token = parser.nextToken();
        if (at >= 0 && token != JsonToken.VALUE_NULL) {
          values[at] = parser.readValueAsTree();
        } else {
          parser.skipChildren();
        }
      }
      return values;
    } catch (IOException e) {
      throw new DataException("the file was changed while it was read: " + e.getMessage(), e);
    }
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
