/**
 * What requests may say: pure functions from JSON to records, which refuse with an {@link
 * io.otium.app.server.ApiException} of status 4xx. Nothing is ignored unless it is listed as
 * harmless.
 */
@org.jspecify.annotations.NullMarked
package io.otium.app.server.request;
