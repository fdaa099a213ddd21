package io.otium.app.console.chat;

import org.jspecify.annotations.Nullable;

/**
 * A message on the branch that is shown, and its place among its alternatives.
 *
 * @param version from 1
 * @param versions how many alternatives there are, itself included
 * @param previous the alternative before it; null for the first
 */
public record Turn(
    Message message, int version, int versions, @Nullable Long previous, @Nullable Long next) {}
