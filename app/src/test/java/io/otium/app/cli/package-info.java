/** The command line, run in the process with a model that says what it is told. */
@org.jspecify.annotations.NullMarked
package io.otium.app.cli;
