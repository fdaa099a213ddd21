package io.otium.core.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFileTest {
  @TempDir Path folder;

  private Path write(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content);
  }

  private Path zip(String name, String content) throws IOException {
    Path path = folder.resolve(name);
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(path))) {
      out.write(content.getBytes(StandardCharsets.UTF_8));
    }
    return path;
  }

  @Test
  void readsTheColumnsThatWereNamed() throws IOException {
    String lines =
        """
        {"id": 1, "text": "Grüße", "label": "a"}

        {"text": "2020-01-01", "label": 3, "more": {"x": [1]}}
        """;
    for (Path path : List.of(write("a.jsonl", "\ufeff" + lines), zip("a.jsonl.gz", lines))) {
      DataFile file = DataFile.open(path);
      assertThat(file.columns()).containsExactly("id", "text", "label", "more");
      assertThat(file.size()).isEqualTo(2);
      Examples<Row> rows = file.rows(List.of("label", "text"));
      assertThat(rows.get(0).text("text")).isEqualTo("Grüße");
      assertThat(rows.get(1).text("text")).isEqualTo("2020-01-01");
      assertThat(rows.get(1).number("label")).isEqualTo(3);
      assertThat(rows.get(1).where()).isEqualTo(path.getFileName() + " line 3");
      assertThatThrownBy(() -> rows.get(0).number("label"))
          .isInstanceOf(DataException.class)
          .hasMessage(path.getFileName() + " line 1: \"label\" holds \"a\" where a number is due");
    }
  }

  @Test
  void threeBrokenLinesAmongTenThousandAreNamedBeforeWorkStarts() throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 1; i <= 10_000; i++) {
      lines.append(
          switch (i) {
            case 17 -> "{\"text\": \"cut";
            case 204 -> "[1, 2]";
            case 9_001 -> "{\"text\": 1} {}";
            default -> "{\"text\": \"line " + i + "\"}";
          });
      lines.append('\n');
    }
    Path path = write("broken.jsonl", lines.toString());
    assertThatThrownBy(() -> DataFile.open(path))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith("broken.jsonl: 3 of 10,000 lines are broken: line 17 (Unexpected")
        .hasMessageContaining(", line 204 (no JSON object), ")
        .hasMessageEndingWith("line 9,001 (more than one JSON object)");
  }

  @Test
  void bytesThatAreNoTextAreABrokenLineToo() throws IOException {
    Path path = folder.resolve("latin.jsonl");
    Files.write(path, "{\"text\": \"gr\u00fcn\"}\n".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> DataFile.open(path))
        .hasMessageStartingWith("latin.jsonl: 1 of 1 lines are broken: line 1 (Invalid UTF-8");
  }

  @Test
  void aJsonFileMayBeOneList() throws IOException {
    String list = "[\n{\"a\": 1,\n \"b\": [2]},\n{\"a\": 3, \"b\": null}\n]\n";
    DataFile file = DataFile.open(zip("list.json.gz", list));
    assertThat(file.columns()).containsExactly("a", "b");
    Examples<Row> rows = file.rows(List.of("a"));
    assertThat(rows.size()).isEqualTo(2);
    assertThat(rows.get(1).where()).isEqualTo("list.json.gz line 4");
    assertThatThrownBy(() -> file.rows(List.of("b")))
        .hasMessage("list.json.gz: 1 of 2 lines have no \"b\": line 4");
    assertThatThrownBy(() -> DataFile.open(write("a.json", "[{\"a\": 1},\n7,\n{}]")))
        .hasMessage("a.json: 1 of 3 rows are broken: line 2 (no JSON object)");
    assertThatThrownBy(() -> DataFile.open(write("b.json", "[{\"a\": 1},\n{\"a\"")))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith("b.json: line 2 is broken: ");
    assertThatThrownBy(() -> DataFile.open(write("c.json", "[]"))).hasMessage("c.json has no rows");
    assertThat(DataFile.open(write("d.json", "{\"a\": 1}\n{\"a\": 2}\n")).size()).isEqualTo(2);
  }

  @Test
  void aMissingColumnIsSaidWithTheNearestThatIsThere() throws IOException {
    DataFile file = DataFile.open(write("chats.jsonl", "{\"id\": 1, \"messages\": []}\n"));
    assertThatThrownBy(() -> file.rows(List.of("mesages")))
        .isInstanceOf(DataException.class)
        .hasMessage(
            "chats.jsonl has no column \"mesages\"; did you mean \"messages\"? (its columns: id,"
                + " messages)");
  }

  @Test
  void rowsWithoutAValueAreNamedBeforeTheFirstIsGivenOut() throws IOException {
    DataFile file =
        DataFile.open(
            write("a.jsonl", "{\"a\": 1}\n{\"a\": 1, \"b\": 2}\n{\"a\": 1, \"b\": null}\n"));
    List<Row> seen = new ArrayList<>();
    assertThatThrownBy(() -> file.forEach(List.of("a", "b"), seen::add))
        .hasMessage("a.jsonl: 2 of 3 lines have no \"b\": line 1, line 3");
    assertThat(seen).isEmpty();
  }

  @Test
  void csvIsReadAsTextsWhateverSeparatesThem() throws IOException {
    for (char c : new char[] {',', ';', '\t'}) {
      String table =
          "id,the text,label\r\n01,\"a %s \"\"b\"\"\r\nc\",2020-01-01\r\n02,,x\r\n"
              .replace(',', c)
              .formatted(c);
      for (Path path : List.of(write("t.csv", table), zip("t.csv.gz", table))) {
        DataFile file = DataFile.open(path);
        assertThat(file.columns()).containsExactly("id", "the text", "label");
        Examples<Row> rows = file.rows(List.of("the text", "id", "label"));
        assertThat(rows.size()).isEqualTo(2);
        assertThat(rows.get(0).text("the text")).isEqualTo("a " + c + " \"b\"\r\nc");
        assertThat(rows.get(0).text("id")).isEqualTo("01");
        assertThat(rows.get(0).text("label")).isEqualTo("2020-01-01");
        assertThat(rows.get(1).text("the text")).isEmpty();
      }
    }
  }

  @Test
  void brokenRowsOfCsvAreNamedByTheirLines() throws IOException {
    Path path = write("t.csv", "a,b\n1,\"two\nlines\"\n3\n4,5\n6,7,8\n9,\"open\" end\n10,11\n");
    assertThatThrownBy(() -> DataFile.open(path))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith("t.csv: 3 of 6 rows are broken: line 4 (Expected Number of")
        .hasMessageContaining("line 6 (")
        .hasMessageContaining("line 7 (");
  }

  @Test
  void parquetKeepsItsListsAndObjects() throws Exception {
    Path path = folder.resolve("it's.parquet");
    parquet(
        path,
        "SELECT 'text ' || i AS text, [{'role': 'user', 'content': 'hi ' || i}] AS messages,"
            + " CASE WHEN i <> 1 THEN i END AS n FROM range(3) t(i)");
    DataFile file = DataFile.open(path);
    assertThat(file.columns()).containsExactly("text", "messages", "n");
    Examples<Row> rows = file.rows(List.of("messages", "text"));
    assertThat(rows.size()).isEqualTo(3);
    assertThat(rows.get(2).value("messages").path(0).path("content").asText()).isEqualTo("hi 2");
    assertThat(rows.get(2).text("text")).isEqualTo("text 2");
    assertThatThrownBy(() -> rows.get(2).text("messages"))
        .hasMessage("it's.parquet row 3: \"messages\" holds a list where a text is due");
    assertThatThrownBy(() -> file.rows(List.of("n")))
        .hasMessage("it's.parquet: 1 of 3 rows have no \"n\": row 2");
  }

  private static void parquet(Path path, String select) throws SQLException {
    try (DuckDb db = new DuckDb();
        Statement statement = db.statement()) {
      statement.execute(
          "COPY (" + select + ") TO " + DuckDb.text(path.toString()) + " (FORMAT parquet)");
    }
  }

  @Test
  void whatIsNoParquetIsSaid() throws IOException {
    Path path = write("no.parquet", "this is text, not parquet");
    assertThatThrownBy(() -> DataFile.open(path))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith("no.parquet cannot be read: ");
  }

  @Test
  void aTextFileHasATextALine() throws IOException {
    Examples<Row> rows = DataFile.open(write("a.txt", "one\r\n\n two \n")).rows(List.of("text"));
    assertThat(rows.size()).isEqualTo(2);
    assertThat(rows.get(1).text("text")).isEqualTo(" two ");
  }

  @Test
  void emptyMissingAndUnknownFilesAreSentences() throws Exception {
    assertThatThrownBy(() -> DataFile.open(write("none.jsonl", "")))
        .hasMessage("none.jsonl is empty");
    assertThatThrownBy(() -> DataFile.open(write("blank.jsonl", "\n\n")))
        .hasMessage("blank.jsonl has no rows");
    assertThatThrownBy(() -> DataFile.open(write("head.csv", "a,b\n")))
        .hasMessage("head.csv has no rows");
    Path empty = folder.resolve("empty.parquet");
    parquet(empty, "SELECT 1 AS a WHERE false");
    assertThatThrownBy(() -> DataFile.open(empty)).hasMessage("empty.parquet has no rows");
    assertThatThrownBy(() -> DataFile.open(write("a.xlsx", "x")))
        .hasMessageStartingWith("a.xlsx is of no known kind; a data file is .jsonl");
    assertThatThrownBy(() -> DataFile.open(folder.resolve("gone.jsonl")))
        .hasMessageEndingWith("gone.jsonl is not there; name a data file");
    assertThatThrownBy(() -> DataFile.open(folder)).hasMessageContaining("is a folder");
    assertThatThrownBy(() -> DataFile.open(write("not.csv.gz", "a,b\n1,2\n")))
        .isInstanceOf(DataException.class)
        .hasMessage("not.csv.gz cannot be read: Not in GZIP format");
    assertThatThrownBy(() -> DataFile.open(write("star*.csv", "a,b\n1,2\n")))
        .hasMessageContaining("rename it");
    assertThatThrownBy(() -> DataFile.open(write("twice.csv", "a,a\n1,2\n")))
        .hasMessage("twice.csv has two columns \"a\" in its first line");
  }
}
