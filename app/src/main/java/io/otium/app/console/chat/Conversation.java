package io.otium.app.console.chat;

import org.jspecify.annotations.Nullable;

/**
 * A conversation without its messages.
 *
 * @param system the system prompt; empty for none
 * @param settings options of its answers as JSON
 * @param leaf the last message of the branch that is shown; null while there is none
 * @param updated milliseconds since 1970
 */
public record Conversation(
    String id,
    String title,
    String model,
    String system,
    String settings,
    @Nullable Long leaf,
    long updated) {}
