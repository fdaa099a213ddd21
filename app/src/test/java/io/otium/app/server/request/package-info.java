/** Tests of the request decoders. */
@org.jspecify.annotations.NullMarked
package io.otium.app.server.request;
