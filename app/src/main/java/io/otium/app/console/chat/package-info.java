/**
 * Conversations: kept in SQLite as trees of messages, answered by a loaded model, streamed to the
 * browser as blocks of safe HTML.
 */
@org.jspecify.annotations.NullMarked
package io.otium.app.console.chat;
