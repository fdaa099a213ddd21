/**
 * Data sets by name: where they come from, what one may do with them, where they lie here. Start at
 * {@link io.otium.core.data.DataCatalogue}.
 */
@org.jspecify.annotations.NullMarked
package io.otium.core.data;
