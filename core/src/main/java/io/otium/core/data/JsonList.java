package io.otium.core.data;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** One JSON list of objects, as many data sets are published; a row is named by its first line. */
final class JsonList implements DataFile.Reader {
  private final Path path;
  private final String file;
  private final Set<String> columns = new LinkedHashSet<>();
  private long rows;

  JsonList(Path path, String file) {
    this.path = path;
    this.file = file;
    FaultyLines broken = new FaultyLines();
    try (InputStream in = Lines.open(path);
        JsonParser parser = JsonLines.JSON.createParser(in)) {
      parser.nextToken();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        if (parser.currentToken() == null) {
          throw new DataException(file + " ends within its list");
        }
        long line = parser.currentTokenLocation().getLineNr();
        rows++;
        String fault = JsonLines.check(parser, columns);
        if (fault != null) {
          broken.add("line", line, fault);
        }
      }
      if (parser.nextToken() != null) {
        throw new DataException(file + " goes on after its list");
      }
    } catch (JsonProcessingException e) {
      // What follows cannot be read either.
      throw new DataException(
          "%s: line %s is broken: %s"
              .formatted(
                  file,
                  FaultyLines.grouped(e.getLocation().getLineNr()),
                  FaultyLines.shorten(e.getOriginalMessage())),
          e);
    } catch (IOException e) {
      throw new DataException(file + " cannot be read: " + e.getMessage(), e);
    }
    broken.refuse(file, "row", rows, "are broken");
  }

  /** Whether a file's first character says that it is a list. */
  static boolean begins(Path path, String file) {
    try (InputStream in = Lines.open(path)) {
      int c = in.read();
      // The three bytes of a byte order mark are 0xbb and more.
      while (c == ' ' || c == '\n' || c == '\r' || c == '\t' || c >= 0xbb) {
        c = in.read();
      }
      return c == '[';
    } catch (IOException e) {
      throw new DataException(file + " cannot be read: " + e.getMessage(), e);
    }
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
    try (InputStream in = Lines.open(path);
        JsonParser parser = JsonLines.JSON.createParser(in)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.START_OBJECT) {
        long line = parser.currentTokenLocation().getLineNr();
        JsonLines.give(parser, wanted, file, line, sink, missing);
      }
    } catch (IOException e) {
      throw new DataException(file + " was changed while it was read", e);
    }
  }
}
