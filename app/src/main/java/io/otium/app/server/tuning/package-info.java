/**
 * OpenAI's fine-tuning API: {@code /v1/files} and {@code /v1/fine_tuning/jobs}, mounted on the
 * server over the queue of {@code app.training}.
 */
@NullMarked
package io.otium.app.server.tuning;

import org.jspecify.annotations.NullMarked;
