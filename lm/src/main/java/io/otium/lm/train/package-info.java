/**
 * Language models in training: recipes, and what they make of a model. The loop itself is {@code
 * core}'s, the model with gradients {@code lm.model}'s.
 */
@NullMarked
package io.otium.lm.train;

import org.jspecify.annotations.NullMarked;
