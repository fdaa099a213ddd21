/**
 * The command line {@code ./otium}: one class a verb, listed in {@link io.otium.app.cli.Verbs}. A
 * verb gets its streams and its models from {@link io.otium.app.cli.Cli}, so that tests run it in
 * the process. Only the verb that was named is loaded: a start costs no more than it uses.
 */
@org.jspecify.annotations.NullMarked
package io.otium.app.cli;
