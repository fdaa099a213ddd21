/** The forward pass for generation, its KV cache, its kernels, its scheduler. */
@org.jspecify.annotations.NullMarked
package io.otium.lm.engine;
