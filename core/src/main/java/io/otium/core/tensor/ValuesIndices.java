package io.otium.core.tensor;

/**
 * What sorting and extremes along a dimension give.
 *
 * @param values in the source's type
 * @param indices where they were along the dimension, I64, of the same shape
 */
public record ValuesIndices(Tensor values, Tensor indices) {}
