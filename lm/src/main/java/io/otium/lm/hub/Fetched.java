package io.otium.lm.hub;

import java.nio.file.Path;

/**
 * A model's files as a source delivered them, not yet in the store.
 *
 * @param folder holds the model's files and nothing else
 * @param name what the model is called there: the repository's or file's name
 * @param fullerName the same with more of its origin, for when two have the same name
 * @param revision commit or version; empty if the source has none
 * @param licence empty if the source names none
 */
record Fetched(Path folder, String name, String fullerName, String revision, String licence) {}
