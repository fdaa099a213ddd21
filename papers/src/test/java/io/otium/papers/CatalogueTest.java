package io.otium.papers;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.otium.core.run.Runs;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CatalogueTest {
  /** The ids of the specifications. */
  private static final List<String> SPECIFIED =
      List.of(
          ("alignment-ceiling autothink backtrack codegen2 continual-llm "
                  + "data-augmentation datastates dp2unlearning dump efficient-reasoning evolve "
                  + "full-ranking gpicl grokking hast icl-functions ingenious itool "
                  + "knowledge-unlearning lazy-neuron lazyeviction lazyllm "
                  + "learn-to-actively-learn learning-by-teaching lifelong-framework "
                  + "lifelong-llm light-if llkd masksearch mix-cpt omni oni onpro oocr ovor "
                  + "panoptic-patch pcoreset pragmatic-synthesis preference-rl prompting "
                  + "promptquine q-language raml random-calculation redstar refresh-learning "
                  + "rehearsal-free rest-mcts rich-lazy robofume robust-active-distillation rsrm "
                  + "schedule-refinement sepsis sgd-noise sirllm slm stop-overthinking "
                  + "tailored-learning tame tulu3 uld unsupervised-pretraining ununlearning "
                  + "verbalized-ml view-batch wholistic zerosearch")
              .split(" "));

  @Test
  void holdsEverySpecifiedSystemOnceInOrder() {
    assertThat(SPECIFIED).hasSize(68);
    assertThat(Catalogue.papers()).extracting(Paper::id).containsExactlyElementsOf(SPECIFIED);
    assertThat(Catalogue.papers())
        .extracting(Paper::id)
        .isSortedAccordingTo(Comparator.naturalOrder());
  }

  @Test
  void noRowLacksAnything() {
    for (Paper paper : Catalogue.papers()) {
      assertThat(
              List.of(paper.title(), paper.paper(), paper.code(), paper.claim(), paper.published()))
          .as(paper.id())
          .noneMatch(String::isBlank);
      assertThat(paper.state()).as(paper.id()).isNotNull();
      assertThat(paper.claim()).as(paper.id()).endsWith(".");
      assertThat(Catalogue.ROOMS).as(paper.id()).contains(paper.room());
    }
  }

  @Test
  void theSixSystemsOfLazyInferenceLiveInServe() {
    assertThat(Catalogue.papers())
        .filteredOn(paper -> paper.room().equals("serve"))
        .extracting(Paper::id)
        .containsExactly(
            "efficient-reasoning",
            "full-ranking",
            "lazy-neuron",
            "lazyeviction",
            "lazyllm",
            "sirllm");
  }

  @Test
  void aRowWithoutARunHasNoMeasurement(@TempDir Path home) {
    ArrayNode rows = Catalogue.toJson(new Runs(home));
    assertThat(rows).hasSize(68);
    for (JsonNode row : rows) {
      assertThat(row.fieldNames())
          .toIterable()
          .containsExactly(
              "id",
              "title",
              "room",
              "state",
              "claim",
              "published",
              "measured",
              "holds",
              "seconds",
              "run");
      assertThat(row.path("measured").isNull()).isTrue();
    }
  }
}
