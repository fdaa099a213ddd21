package io.otium.app.cli;

import io.otium.app.training.TrainingProcess;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** The verbs, in the order of the help text. A new one is a class and a line here. */
final class Verbs {
  /**
   * A verb by name.
   *
   * @param summary half a line for the list of commands
   */
  record Entry(String name, String summary, Function<Cli, Verb> make) {}

  static final List<Entry> ALL =
      List.of(
          new Entry("serve", "OpenAI-compatible server and browser console", Serve::new),
          new Entry("chat", "talk to a model", Chat::new),
          new Entry("complete", "go on with a text", Complete::new),
          new Entry("embed", "texts as vectors", Embed::new),
          new Entry("pull", "fetch a model", Pull::new),
          new Entry("models", "list, show and remove installed models", ModelListing::new),
          new Entry("train", "fine-tune a model by a recipe", Train::new),
          new Entry("export", "a model in files that other programs load", Export::new),
          new Entry(
              "schedule", "learning rates from a run's gradient norms", ScheduleRefining::new),
          new Entry("papers", "the catalogue of published systems", Papers::new),
          new Entry("reproduce", "run an experiment, with a verdict", Reproduce::new),
          new Entry("bench", "speed and memory, beside peers", Bench::new),
          new Entry("runs", "long tasks, and what came of them", RunListing::new),
          new Entry("doctor", "what this machine has, and what is missing", Doctor::new),
          new Entry("completion", "a script that completes commands in a shell", Completion::new));

  /** Not in the help text: what the launcher and benchmarks start. */
  private static final List<Entry> HIDDEN =
      List.of(
          new Entry("warm-up", "", WarmUp::new),
          new Entry("bench-worker", "", BenchWorker::new),
          new Entry("bench-trainer", "", BenchTrainer::new),
          new Entry(TrainingProcess.VERB, "", TrainJob::new));

  private Verbs() {}

  static Optional<Entry> find(String name) {
    return Stream.concat(ALL.stream(), HIDDEN.stream())
        .filter(entry -> entry.name().equals(name))
        .findFirst();
  }
}
