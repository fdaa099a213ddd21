/** Options as records: one description from which flags, JSON, forms and reference pages come. */
@org.jspecify.annotations.NullMarked
package io.otium.core.options;
