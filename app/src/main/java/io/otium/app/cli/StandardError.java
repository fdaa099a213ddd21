package io.otium.app.cli;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Puts the process's real standard error back in its place. The JVM warns of the incubating Vector
 * API there at every start and has no option against it, so the launcher starts it with a silent
 * standard error and keeps the real one open under another number.
 */
final class StandardError {
  private StandardError() {}

  static void restore() {
    Integer kept = Integer.getInteger("otium.stderr");
    if (kept == null) return;
    try {
      Linker linker = Linker.nativeLinker();
      MethodHandle dup2 =
          linker.downcallHandle(
              linker.defaultLookup().findOrThrow("dup2"),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
      int ignored = (int) dup2.invokeExact(kept.intValue(), 2);
    } catch (Throwable e) {
      throw new LinkageError("the C library's dup2 cannot be called", e);
    }
  }
}
