/** What the doctor finds, on this machine. */
@org.jspecify.annotations.NullMarked
package io.otium.app.cli.doctor;
