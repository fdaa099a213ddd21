/**
 * The catalogue of 68 published systems ({@link io.otium.papers.Catalogue}), and the experiments
 * that measure their claims ({@link io.otium.papers.Experiments}). May import from every room below
 * app.
 */
@org.jspecify.annotations.NullMarked
package io.otium.papers;
