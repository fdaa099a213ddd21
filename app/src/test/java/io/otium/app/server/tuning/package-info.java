/** Tests of the server, against a model that is scripted instead of computed. */
@org.jspecify.annotations.NullMarked
package io.otium.app.server.tuning;
