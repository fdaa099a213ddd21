package io.otium.serve;

import io.otium.core.options.Options;
import io.otium.lm.ModelInfo;

/**
 * A method that a request may name.
 *
 * @param id what users write, e.g. {@code lazy-eviction}
 * @param doc one line on what it does
 * @param options its options, described
 * @param factory makes the state of one sequence
 * @param <O> its record of options
 * @param <P> the contract that it fulfils
 */
public record Method<O extends Record, P>(
    String id, String doc, Options<O> options, Factory<O, P> factory) {

  /** Makes the state of one sequence, for the model that will run it. */
  @FunctionalInterface
  public interface Factory<O, P> {
    /**
     * @throws io.otium.core.options.OptionException if the options do not fit the model
     */
    P create(O options, ModelInfo model);
  }

  public Method {
    if (!id.matches("[a-z0-9]+(-[a-z0-9]+)*")) {
      throw new IllegalArgumentException("a method's id is in kebab-case, not " + id);
    }
  }

  /** For a list of methods: id, defaults and factory; the line of documentation is the record's. */
  public static <O extends Record, P> Method<O, P> of(
      String id, Class<O> optionsType, O defaults, Factory<O, P> factory) {
    Options<O> options = Options.describe(optionsType, defaults);
    return new Method<>(id, options.doc(), options, factory);
  }
}
