/**
 * The HTTP server that speaks OpenAI's API over any {@link io.otium.lm.LanguageModel}. Start at
 * {@link OtiumServer}; other faces add their routes as a {@link ServerExtension}. What a request
 * may say is decoded in {@code request}; nothing there knows of HTTP.
 */
@org.jspecify.annotations.NullMarked
package io.otium.app.server;
