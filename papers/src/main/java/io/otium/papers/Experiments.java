package io.otium.papers;

import io.otium.core.data.DataCatalogue;
import io.otium.core.options.OptionException;
import io.otium.papers.datastates.DataStates;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/** The experiments, one line each: what {@code ./otium reproduce} can run. */
public final class Experiments {
  /** What an experiment may need: opened only by those that do. */
  public record Materials(Supplier<ScoredModel> model, DataCatalogue data) {}

  /** An experiment's id and how it is made. */
  private record Entry(String id, Function<Materials, Experiment> factory) {}

  private static final List<Entry> ENTRIES =
      List.of(
          new Entry(
              "weights-fidelity",
              materials -> WeightsFidelity.onWikipedia(materials.model().get(), materials.data())),
          new Entry("schedule-refinement", _ -> new ScheduleRefinement()),
          new Entry("datastates", _ -> new DataStates()));

  private Experiments() {}

  public static List<String> ids() {
    return ENTRIES.stream().map(Entry::id).toList();
  }

  /**
   * @throws OptionException for an id without an experiment; a paper's is said to be planned
   */
  public static Experiment create(String id, Materials materials) {
    for (Entry entry : ENTRIES) {
      if (entry.id.equals(id)) {
        return entry.factory.apply(materials);
      }
    }
    String known = String.join(", ", ids());
    if (Catalogue.find(id).isPresent()) {
      throw OptionException.refused(
          id, "is planned: it has no experiment yet (there is " + known + ")");
    }
    throw OptionException.invalid("experiment", "\"" + id + "\"", "one of " + known);
  }
}
