package io.otium.core.torch;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * libtorch's own threads, lent to Java code between its operators. A second pool beside OpenMP's
 * would fight with it for the processors: its threads spin for a while after each operator.
 */
public final class OpenMp {
  /** Work that all threads share. */
  @FunctionalInterface
  public interface Body {
    /**
     * @param worker 0 to {@code workers − 1}, each once
     */
    void run(int worker, int workers);
  }

  /** Calls that may be under way at the same time, each from a thread of its own. */
  private static final int SLOTS = 64;

  private static final AtomicReferenceArray<@Nullable Call> CALLS =
      new AtomicReferenceArray<>(SLOTS);

  private static final @Nullable MethodHandle PARALLEL = find();
  private static final MemorySegment ENTRY = PARALLEL == null ? MemorySegment.NULL : entry();

  private OpenMp() {}

  private static final class Call {
    final Body body;
    final int workers;
    final AtomicInteger next = new AtomicInteger();
    final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    Call(Body body, int workers) {
      this.body = body;
      this.workers = workers;
    }

    void enter() {
      try {
        // there may be fewer threads than asked for
        for (int w = next.getAndIncrement(); w < workers; w = next.getAndIncrement()) {
          body.run(w, workers);
        }
      } catch (Throwable thrown) { // it must not leave through native frames
        failure.compareAndSet(null, thrown);
      }
    }
  }

  private static @Nullable MethodHandle find() {
    if (!LibTorch.isAvailable()) return null;
    var type =
        FunctionDescriptor.ofVoid(
            ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
    return SymbolLookup.loaderLookup()
        .find("GOMP_parallel")
        .map(address -> Linker.nativeLinker().downcallHandle(address, type))
        .orElse(null);
  }

  private static MemorySegment entry() {
    try {
      MethodHandle enter =
          MethodHandles.lookup()
              .findStatic(
                  OpenMp.class, "enter", MethodType.methodType(void.class, MemorySegment.class));
      return Linker.nativeLinker()
          .upcallStub(enter, FunctionDescriptor.ofVoid(ValueLayout.ADDRESS), Arena.global());
    } catch (ReflectiveOperationException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static void enter(MemorySegment slot) {
    Call call = CALLS.get((int) slot.address());
    if (call != null) call.enter();
  }

  /**
   * Runs a body once for each of the threads that libtorch's operators use when called from here,
   * and returns when all have ended. Where libtorch's threads cannot be had, this thread does it
   * all.
   */
  public static void run(Body body) {
    int workers = torch.get_num_threads();
    MethodHandle parallel = PARALLEL;
    int slot = workers == 1 || parallel == null ? -1 : slot(new Call(body, workers));
    if (slot < 0 || parallel == null) {
      for (int w = 0; w < workers; w++) body.run(w, workers);
      return;
    }
    Call call = CALLS.get(slot);
    try {
      parallel.invokeExact(ENTRY, MemorySegment.ofAddress(slot), workers, 0);
    } catch (Throwable failure) {
      throw new IllegalStateException("libtorch's threads cannot be used", failure);
    } finally {
      CALLS.set(slot, null);
    }
    Throwable thrown = call == null ? null : call.failure.get();
    if (thrown instanceof RuntimeException unchecked) throw unchecked;
    if (thrown instanceof Error error) throw error;
  }

  /** Where a call waits to be entered; −1 if all places are taken. */
  private static int slot(Call call) {
    for (int s = 0; s < SLOTS; s++) if (CALLS.compareAndSet(s, null, call)) return s;
    return -1;
  }
}
