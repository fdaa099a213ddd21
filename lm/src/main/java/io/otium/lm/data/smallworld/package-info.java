/**
 * Text for a model of our own: a small world with facts, stories, questions, sums and instructions,
 * all of it made from a seed. Start at {@link io.otium.lm.data.smallworld.SmallWorld}.
 */
@org.jspecify.annotations.NullMarked
package io.otium.lm.data.smallworld;
