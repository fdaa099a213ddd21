/**
 * Fetching models and keeping them: the hub protocol, PyPI packages, local files, the store. Start
 * at {@link io.otium.lm.hub.Models}; {@link io.otium.lm.hub.ModelRef} says how models are named and
 * {@link io.otium.lm.hub.ModelStore} where they lie. Every failure that a user can mend is a {@link
 * io.otium.lm.hub.PullException} with one sentence.
 */
@org.jspecify.annotations.NullMarked
package io.otium.lm.hub;
