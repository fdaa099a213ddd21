/**
 * What {@code ./otium doctor} looks at: one class a part of the machine. Each says what it found,
 * and what is wrong with a way to mend it.
 */
@org.jspecify.annotations.NullMarked
package io.otium.app.cli.doctor;
