package io.otium.core.data;

import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** Plain text: every line that is not blank is a row, its column is {@code text}. */
final class TextLines implements DataFile.Reader {
  private static final List<String> COLUMNS = List.of("text");

  private final Path path;
  private final String file;
  private long lines;
  private long rows;

  TextLines(Path path, String file) {
    this.path = path;
    this.file = file;
    FaultyLines broken = new FaultyLines();
    Lines.read(
        path,
        file,
        (number, bytes, length) -> {
          lines = number;
          try {
            rows += text(number, bytes, length).isBlank() ? 0 : 1;
          } catch (CharacterCodingException e) {
            broken.add("line", number, "not UTF-8");
          }
        });
    broken.refuse(file, "line", lines, "are broken");
  }

  @Override
  public List<String> columns() {
    return COLUMNS;
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
          String text;
          try {
            text = text(number, bytes, length);
          } catch (CharacterCodingException e) {
            throw new DataException(file + " was changed while it was read", e);
          }
          if (!text.isBlank()) {
            sink.accept(
                new Row(file + " line " + number, COLUMNS, List.of(TextNode.valueOf(text))));
          }
        });
  }

  private static String text(long number, byte[] bytes, int length)
      throws CharacterCodingException {
    int start = Lines.start(number, bytes, length);
    return StandardCharsets.UTF_8
        .newDecoder()
        .decode(ByteBuffer.wrap(bytes, start, length - start))
        .toString();
  }
}
