/**
 * Training behind the server and the console: uploaded data files, the queue of jobs, each in a
 * process of its own, and the names of what came of them. Knows no HTTP.
 */
@NullMarked
package io.otium.app.training;

import org.jspecify.annotations.NullMarked;
