/**
 * Optimizers and learning-rate schedules. {@link io.otium.core.optim.Optimizer} holds parameters in
 * groups and the state of their updates; an {@link io.otium.core.optim.UpdateRule} (AdamW, Muon, …)
 * is a record of options that says how they change; a {@link io.otium.core.optim.Schedule} is a
 * pure function of the step. Everything public may be used by all rooms.
 */
@NullMarked
package io.otium.core.optim;

import org.jspecify.annotations.NullMarked;
