/**
 * Data for training language models: rows of a file become tokens with labels ({@link
 * io.otium.lm.data.Encoding}), kept on disk ({@link io.otium.lm.data.TokenCache}) and packed into
 * rows without padding ({@link io.otium.lm.data.PackedRows}).
 */
@org.jspecify.annotations.NullMarked
package io.otium.lm.data;
