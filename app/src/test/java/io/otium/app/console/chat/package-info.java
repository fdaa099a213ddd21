/** Tests of conversations: storage, Markdown, settings. */
@org.jspecify.annotations.NullMarked
package io.otium.app.console.chat;
