package io.otium.app.training;

import java.nio.file.Path;
import java.time.Instant;

/**
 * An uploaded file.
 *
 * @param name as its owner called it
 * @param purpose what it is for, e.g. {@code fine-tune}
 */
public record StoredFile(
    String id, String name, String purpose, long bytes, Instant created, Path path) {}
