/**
 * Language models: files in and out, tokenizers, chat templates, the engine that generates. Start
 * at {@link io.otium.lm.Model}. May import from core; serve, papers and app build on it.
 */
@org.jspecify.annotations.NullMarked
package io.otium.lm;
