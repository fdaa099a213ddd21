package io.otium.core.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataCatalogueTest {
  @TempDir Path folder;

  @Test
  void everySetSaysWhereItComesFromAndHasHashes() {
    assertThat(DataCatalogue.sets()).hasSize(8).extracting(DataSet::name).doesNotHaveDuplicates();
    for (DataSet set : DataCatalogue.sets()) {
      assertThat(List.of(set.what(), set.origin(), set.licence(), set.reading(), set.source()))
          .noneMatch(String::isBlank);
      assertThat(set.files()).isNotEmpty();
      assertThat(set.files().values()).allMatch(hash -> hash.matches("[0-9a-f]{64}"));
    }
  }

  @Test
  void aMissingSetIsSaidWithItsSource() {
    assertThatThrownBy(
            () -> new DataCatalogue(List.of(folder)).file("wiki-sentences", "all_wiki_sents.txt"))
        .isInstanceOf(DataMissingException.class)
        .hasMessageContaining("wiki-sentences is not on this machine")
        .hasMessageContaining("github.com/clinc/oos-eval");
  }

  @Test
  void anotherFileOfThatNameIsRefused() throws IOException {
    Files.createDirectories(folder.resolve("wiki-sentences"));
    Files.writeString(folder.resolve("wiki-sentences/all_wiki_sents.txt"), "other text");
    assertThatThrownBy(
            () -> new DataCatalogue(List.of(folder)).file("wiki-sentences", "all_wiki_sents.txt"))
        .isInstanceOf(DataMissingException.class)
        .hasMessageContaining("SHA-256 differs");
  }

  @Test
  void hashesAreThoseOfTheFile() throws IOException {
    Path file = folder.resolve("abc");
    Files.writeString(file, "abc");
    assertThat(DataCatalogue.sha256(file))
        .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  }

  @Test
  void whatIsNotCataloguedIsAProgrammingError() {
    DataCatalogue catalogue = new DataCatalogue(List.of(folder));
    assertThatThrownBy(() -> catalogue.file("none", "x"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> catalogue.file("subj", "x"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
