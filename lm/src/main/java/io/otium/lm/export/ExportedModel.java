package io.otium.lm.export;

import io.otium.lm.export.ExportOptions.Format;
import java.nio.file.Path;

/**
 * What was exported.
 *
 * @param type of the weights' numbers, e.g. {@code bf16}; {@code mixed} where they differ
 * @param tensors how many
 * @param bytes of all files
 */
public record ExportedModel(Path path, Format format, String type, int tensors, long bytes) {}
