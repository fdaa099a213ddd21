/**
 * Data sets and the order in which they are visited. {@link io.otium.core.data.DataCatalogue} finds
 * the experiments' own by name; {@link io.otium.core.data.DataFile} reads a user's JSON Lines,
 * Parquet and CSV. {@link io.otium.core.data.Examples} are what both become; an {@link
 * io.otium.core.data.Order} (shuffled, mixed by weights, grouped by length) says how they are
 * visited, and {@link io.otium.core.data.Batches} go through them from any {@link
 * io.otium.core.data.Cursor} on.
 */
@org.jspecify.annotations.NullMarked
package io.otium.core.data;
