package io.otium.lm.engine;

import java.time.Instant;
import java.util.Map;

/**
 * The kernel that a model's long prompts go through, and why.
 *
 * @param numbers what it computes in, e.g. {@code int8}
 * @param fromRows from how many rows on it is faster than the kernel for single tokens
 * @param milliseconds that each kernel took for the same product of 64 rows, by name
 * @param measured when
 */
public record LongPromptKernel(
    String numbers, int fromRows, Map<String, Double> milliseconds, Instant measured) {}
