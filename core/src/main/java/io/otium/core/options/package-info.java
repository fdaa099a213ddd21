/**
 * Options as records: one description from which flags, JSON, YAML, forms and reference pages come.
 * Start at {@link io.otium.core.options.Options}; a method only writes a record, {@link
 * io.otium.core.options.Doc} and {@link io.otium.core.options.Range}.
 */
@org.jspecify.annotations.NullMarked
package io.otium.core.options;
