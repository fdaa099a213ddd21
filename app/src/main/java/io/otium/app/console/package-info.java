/**
 * The browser console: pages over a running server (chat, models, live figures, API calls, papers),
 * rendered by JTE templates in {@code src/main/jte}. {@link io.otium.app.console.Console} mounts
 * it. Browser code is plain modules in {@code resources/console}; nothing comes from another host.
 */
@org.jspecify.annotations.NullMarked
package io.otium.app.console;
