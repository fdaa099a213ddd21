/**
 * Tensors: libtorch under the names people know from PyTorch. {@link io.otium.core.tensor.Tensor}
 * has what is called on a tensor, {@link io.otium.core.tensor.Functional} and {@link
 * io.otium.core.tensor.LinearAlgebra} the rest; {@link io.otium.core.tensor.Scope} ends native
 * memory. Nothing outside this package and {@code core.torch} needs to import libtorch's classes.
 */
@NullMarked
package io.otium.core.tensor;

import org.jspecify.annotations.NullMarked;
