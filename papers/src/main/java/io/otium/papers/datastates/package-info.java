/**
 * The experiment of DataStates-LLM: what lazy checkpoints cost a training, and whether they are
 * sound. May import from every room below app.
 */
@org.jspecify.annotations.NullMarked
package io.otium.papers.datastates;
