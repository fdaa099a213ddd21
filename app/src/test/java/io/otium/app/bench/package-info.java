@org.jspecify.annotations.NullMarked
package io.otium.app.bench;
