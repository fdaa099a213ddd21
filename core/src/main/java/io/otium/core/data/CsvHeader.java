package io.otium.core.data;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/**
 * The first line of a CSV file.
 *
 * @param delimiter the one of comma, tab, semicolon and bar that stands there most often outside of
 *     quotes
 */
record CsvHeader(char delimiter, List<String> columns) {
  private static final char[] DELIMITERS = {',', '\t', ';', '|'};

  static CsvHeader read(InputStream in, String file) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    boolean quoted = false;
    for (int b = in.read(); b >= 0 && (quoted || b != '\n'); b = in.read()) {
      quoted ^= b == '"';
      bytes.write(b);
    }
    String line =
        bytes.toString(StandardCharsets.UTF_8).replaceFirst("^\ufeff", "").stripTrailing();
    char delimiter = delimiter(line);
    List<String> columns = new ArrayList<>();
    for (String name : split(line, delimiter)) {
      columns.add(name.isBlank() ? "column" + (columns.size() + 1) : name.strip());
    }
    HashSet<String> seen = new HashSet<>();
    for (String column : columns) {
      if (!seen.add(column)) {
        throw new DataException(file + " has two columns \"" + column + "\" in its first line");
      }
    }
    return new CsvHeader(delimiter, List.copyOf(columns));
  }

  private static char delimiter(String line) {
    char best = ',';
    int most = 0;
    for (char candidate : DELIMITERS) {
      int count = split(line, candidate).size();
      if (count > most) {
        most = count;
        best = candidate;
      }
    }
    return best;
  }

  private static List<String> split(String line, char delimiter) {
    List<String> parts = new ArrayList<>();
    StringBuilder part = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c == '"') {
        boolean escaped = quoted && i + 1 < line.length() && line.charAt(i + 1) == '"';
        if (escaped) {
          part.append('"');
          i++;
        } else {
          quoted = !quoted;
        }
      } else if (c == delimiter && !quoted) {
        parts.add(part.toString());
        part.setLength(0);
      } else {
        part.append(c);
      }
    }
    parts.add(part.toString());
    return parts;
  }
}
