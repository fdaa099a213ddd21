package io.otium.core.tensor;

/** What {@link Tensor} can do, by family. */
public sealed interface TensorOps permits Pointwise, Products, Reductions, Shaping, Indexing {}
