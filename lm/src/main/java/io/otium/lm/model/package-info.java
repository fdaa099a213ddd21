/**
 * What a model is (configuration, weights by name) and the plain forward pass that all fast ones
 * are compared to.
 */
@org.jspecify.annotations.NullMarked
package io.otium.lm.model;
