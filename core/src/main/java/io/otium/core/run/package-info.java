/** Runs: folders that keep what a long task was asked, measured and made. */
@org.jspecify.annotations.NullMarked
package io.otium.core.run;
