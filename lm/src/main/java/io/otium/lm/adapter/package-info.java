/**
 * Adapters: small weights beside a model's own, trained, saved, read and merged. Their files are
 * those of the peft library.
 */
@NullMarked
package io.otium.lm.adapter;

import org.jspecify.annotations.NullMarked;
