/**
 * Models that only make vectors of texts, beside the language models that can do it too. They load
 * on their first use.
 */
@org.jspecify.annotations.NullMarked
package io.otium.app.server.embedding;
