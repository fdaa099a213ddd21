package io.otium.core.torch;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.OperatorHandleOptional;
import org.bytedeco.pytorch.OperatorName;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Loads libtorch, once, when first needed: it takes a second or more, and short answers do without
 * it.
 */
public final class LibTorch {
  private static final String PHYSICAL_LIMIT = "org.bytedeco.javacpp.maxPhysicalBytes";

  private static final String WAIT_POLICY = "OMP_WAIT_POLICY";

  private static final @Nullable String PROBLEM = load();

  /** What native code refers to and no Java object would keep alive. */
  private static final List<Object> KEPT = Collections.synchronizedList(new ArrayList<>());

  private LibTorch() {}

  private static @Nullable String load() {
    try {
      // Else JavaCPP asks the system how much memory is used whenever a native object is made; that
      // takes longer than a small operator. It also collects garbage when mapped weights seem too
      // much.
      if (System.getProperty(PHYSICAL_LIMIT) == null) System.setProperty(PHYSICAL_LIMIT, "0");
      setEnvironment(WAIT_POLICY, "PASSIVE");
      Loader.load(torch.class);
      torch.set_num_threads(1);
      return null;
    } catch (Throwable failure) {
      return failure.toString();
    }
  }

  /**
   * Sets a variable of this process's environment that is not set. With a policy other than
   * passive, OpenMP's threads wait for work spinning, and so do OpenBLAS's: on two cores, steps of
   * a small network with two threads were 30 times slower.
   */
  private static void setEnvironment(String name, String value) throws Throwable {
    Linker linker = Linker.nativeLinker();
    Optional<MemorySegment> setenv = linker.defaultLookup().find("setenv");
    if (setenv.isEmpty()) return;
    MethodHandle call =
        linker.downcallHandle(
            setenv.get(),
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_INT));
    try (Arena arena = Arena.ofConfined()) {
      int _ = (int) call.invokeExact(arena.allocateFrom(name), arena.allocateFrom(value), 0);
    }
  }

  /** Whether it is here and works; loads it. */
  public static boolean isAvailable() {
    return PROBLEM == null;
  }

  /** Which one it is, e.g. {@code 2.10.0-1.5.13}; empty where its artifact does not tell. */
  public static String version() {
    try {
      String version = Loader.getVersion("org.bytedeco", "pytorch");
      return version == null ? "" : version;
    } catch (IOException untold) {
      return "";
    }
  }

  /** Why it is not available, or null. */
  public static @Nullable String problem() {
    return PROBLEM;
  }

  /**
   * Makes operators called from this thread use it alone. Each thread of a team of workers calls
   * this once: with the workers dividing the rows, a second pool of threads beside them would only
   * be in the way.
   */
  public static void oneThread() {
    torch.set_num_threads(1);
  }

  /** Loads it. @throws IllegalStateException if it cannot be */
  public static void require() {
    if (PROBLEM != null) throw new IllegalStateException("libtorch cannot be loaded: " + PROBLEM);
  }

  /**
   * An operator's handle, which lives as long as the library.
   *
   * @param name e.g. {@code quantized::linear_dynamic} or, with its overload, {@code
   *     aten::add.Tensor}
   */
  public static OperatorHandle operator(String name) {
    require();
    int dot = name.indexOf('.');
    String base = dot < 0 ? name : name.substring(0, dot);
    String overload = dot < 0 ? "" : name.substring(dot + 1);
    OperatorHandleOptional found;
    try (var first = new BytePointer(base);
        var second = new BytePointer(overload);
        var whole = new OperatorName(first, second)) {
      found = Dispatcher.singleton().findSchema(whole);
    }
    if (!found.has_value()) {
      throw new IllegalStateException("this libtorch has no operator " + name);
    }
    found.retainReference(); // whatever PointerScope is open now
    KEPT.add(found); // the handle lies within it
    return found.get();
  }
}
