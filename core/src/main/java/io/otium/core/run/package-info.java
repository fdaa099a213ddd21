/**
 * Runs: folders that keep what a long task was asked, measured and made. Start at {@link
 * io.otium.core.run.Runs}, which opens and lists them.
 */
@org.jspecify.annotations.NullMarked
package io.otium.core.run;
