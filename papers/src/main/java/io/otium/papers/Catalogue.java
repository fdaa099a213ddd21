package io.otium.papers;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.otium.core.run.Runs;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The 68 systems: what each claims and, from the latest run of its experiment, what was seen. */
public final class Catalogue {
  /** The modules that may hold a system. */
  public static final Set<String> ROOMS =
      Set.of(
          "core",
          "lm",
          "serve",
          "label",
          "continual",
          "forget",
          "reason",
          "posttrain",
          "dynamics",
          "domains");

  private static final List<Paper> PAPERS = load();

  private Catalogue() {}

  /** All rows, in order of their ids. */
  public static List<Paper> papers() {
    return PAPERS;
  }

  public static Optional<Paper> find(String id) {
    return PAPERS.stream().filter(paper -> paper.id().equals(id)).findFirst();
  }

  /**
   * What {@code papers --json} prints: a list of {@code {id, title, room, state, claim, published,
   * measured, holds, seconds, run}}; the last four are null until the experiment has run. A quick
   * run's figures are shown, but only a whole run makes a system reproduced.
   */
  public static ArrayNode toJson(Runs runs) {
    Map<String, JsonNode> results = Reproduction.latestResults(runs);
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    for (Paper paper : PAPERS) {
      rows.add(toJson(paper, results.get(paper.id())));
    }
    return rows;
  }

  static ObjectNode toJson(Paper paper, @Nullable JsonNode result) {
    boolean reproduced =
        paper.state() != Paper.State.PLANNED
            && result != null
            && result.path("holds").asBoolean()
            && !result.path("quick").asBoolean();
    Paper.State state = reproduced ? Paper.State.REPRODUCED : paper.state();
    ObjectNode row = JsonNodeFactory.instance.objectNode();
    row.put("id", paper.id());
    row.put("title", paper.title());
    row.put("room", paper.room());
    row.put("state", state.word());
    row.put("claim", paper.claim());
    row.put("published", paper.published());
    row.put("measured", result == null ? null : Reproduction.measured(result));
    row.set("holds", result == null ? null : result.path("holds"));
    row.set("seconds", result == null ? null : result.path("seconds"));
    row.set("run", result == null ? null : result.path("run"));
    return row;
  }

  private static List<Paper> load() {
    try (InputStream in = Catalogue.class.getResourceAsStream("catalogue.yaml")) {
      return List.copyOf(
          new ObjectMapper(new YAMLFactory()).readValue(in, new TypeReference<List<Paper>>() {}));
    } catch (IOException e) {
      throw new UncheckedIOException("the catalogue is broken: " + e.getMessage(), e);
    }
  }
}
