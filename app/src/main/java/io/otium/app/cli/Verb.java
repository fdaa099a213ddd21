package io.otium.app.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;

/** One command of {@code ./otium}: its annotations say its options, {@code call} its exit code. */
interface Verb extends Callable<Integer> {
  /** Adds options that come from records; called once, before arguments are read. */
  default void describe(CommandSpec spec) {}
}
