/** Model files in and out: GGUF and safetensors, and the tensor types inside them. */
@org.jspecify.annotations.NullMarked
package io.otium.lm.format;
