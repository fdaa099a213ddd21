/**
 * The command line, the HTTP server and the browser console: faces over the rooms below, no method
 * of its own.
 */
@org.jspecify.annotations.NullMarked
package io.otium.app;
