/** Tests of the console, most of them in a real browser. */
@org.jspecify.annotations.NullMarked
package io.otium.app.console;
