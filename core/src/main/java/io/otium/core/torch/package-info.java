/**
 * The door to libtorch: loading it, and the operators that others use through plain memory. But for
 * {@code core.tensor}, no other package names a class of org.bytedeco.
 */
@org.jspecify.annotations.NullMarked
package io.otium.core.torch;
