/**
 * Models in the files that other programs load: transformers' folders, peft's adapters, llama.cpp's
 * GGUF. {@link io.otium.lm.export.ModelExport} is where it begins.
 */
@NullMarked
package io.otium.lm.export;

import org.jspecify.annotations.NullMarked;
