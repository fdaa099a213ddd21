/**
 * Layers with parameters: PyTorch's {@code nn}, by its names. A network is a {@link
 * io.otium.core.nn.Module} whose parts are registered by name; what is attached to its layers from
 * outside is a {@link io.otium.core.nn.Parametrization}.
 */
@NullMarked
package io.otium.core.nn;

import org.jspecify.annotations.NullMarked;
