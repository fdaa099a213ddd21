/**
 * The training loop: an {@link io.otium.core.train.Objective}'s gradients, an optimizer's steps,
 * and callbacks around them. Knows neither languages nor images; what a batch is, is its
 * objective's matter. May use all of {@code core}.
 */
@NullMarked
package io.otium.core.train;

import org.jspecify.annotations.NullMarked;
