/** Fetching models and keeping them: the hub protocol, PyPI packages, local files, the store. */
@org.jspecify.annotations.NullMarked
package io.otium.lm.hub;
