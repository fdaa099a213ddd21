/** Tests of the sentence encoders. */
@org.jspecify.annotations.NullMarked
package io.otium.app.server.embedding;
