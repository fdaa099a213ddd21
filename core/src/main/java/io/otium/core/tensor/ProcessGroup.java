package io.otium.core.tensor;

import io.otium.core.torch.LibTorch;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.javacpp.chrono.Seconds;
import org.bytedeco.pytorch.FileStore;
import org.bytedeco.pytorch.GlooDeviceVector;
import org.bytedeco.pytorch.ProcessGroupGloo;
import org.bytedeco.pytorch.Store;
import org.bytedeco.pytorch.TCPStore;
import org.bytedeco.pytorch.TCPStoreOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.Work;

/**
 * Processes that train one model together, by libtorch's Gloo: each computes some batches of a
 * step, and their gradients are summed. All must do the same sums in the same order.
 */
public final class ProcessGroup implements AutoCloseable {
  /** Elements of gradients that are summed at once: 32 MB. */
  private static final int BUCKET = 8 << 20;

  private static final long PATIENCE_SECONDS = 600;

  private final int rank;
  private final int size;
  private final Store store;
  private final ProcessGroupGloo group;

  private ProcessGroup(int rank, int size, Store store, ProcessGroupGloo group) {
    this.rank = rank;
    this.size = size;
    this.store = store;
    this.group = group;
  }

  /**
   * Waits until all processes are there.
   *
   * @param meeting where they find each other: {@code file:PATH} of a file that none of them has
   *     made yet, for processes of one machine; {@code HOST:PORT} at which the first one listens
   * @param rank this one's number, from 0
   * @throws IllegalStateException if they do not come within ten minutes
   */
  public static ProcessGroup join(String meeting, int rank, int size) {
    if (size < 1 || rank < 0 || rank >= size) {
      throw new IllegalArgumentException(
          "process %d of %d: numbers go from 0 to one less than there are".formatted(rank, size));
    }
    LibTorch.require();
    try (PointerScope _ = new PointerScope()) {
      boolean local = meeting.startsWith("file:");
      Store store = local ? new FileStore(meeting.substring(5), size) : tcp(meeting, rank);
      var options = ProcessGroupGloo.Options.create(patience());
      var device =
          local
              ? ProcessGroupGloo.createDeviceForHostname("127.0.0.1")
              : ProcessGroupGloo.createDefaultDevice();
      options.devices(new GlooDeviceVector(device));
      var group = new ProcessGroupGloo(store, rank, size, options);
      store.retainReference();
      group.retainReference();
      return new ProcessGroup(rank, size, store, group);
    } catch (RuntimeException failure) {
      throw new IllegalStateException(
          "process %d of %d did not meet the others at %s: %s"
              .formatted(rank, size, meeting, firstLine(failure)),
          failure);
    }
  }

  private static Milliseconds patience() {
    return new Milliseconds(new Seconds(PATIENCE_SECONDS));
  }

  private static Store tcp(String meeting, int rank) {
    int colon = meeting.lastIndexOf(':');
    if (colon < 1 || !meeting.substring(colon + 1).matches("\\d{1,5}")) {
      throw new IllegalArgumentException("a meeting place is file:PATH or HOST:PORT");
    }
    var options = new TCPStoreOptions();
    options.isServer(rank == 0);
    options.port((short) Integer.parseInt(meeting.substring(colon + 1)));
    options.timeout(patience());
    return new TCPStore(meeting.substring(0, colon), options);
  }

  /** This process's number, from 0. */
  public int rank() {
    return rank;
  }

  /** How many processes there are. */
  public int size() {
    return size;
  }

  /** The sum of all processes' numbers. */
  public double sum(double value) {
    try (var _ = new Scope()) {
      Tensor own = Tensor.of(new double[] {value});
      reduce(own);
      return own.item();
    }
  }

  /**
   * Replaces each tensor by the sum of all processes' tensors at its place; added in fp32.
   *
   * @param tensors contiguous
   */
  public void sum(List<Tensor> tensors) {
    int at = 0;
    while (at < tensors.size()) {
      int end = at;
      long elements = 0;
      while (end < tensors.size() && (end == at || elements + tensors.get(end).numel() <= BUCKET)) {
        elements += tensors.get(end++).numel();
      }
      try (var _ = new Scope()) {
        sum(tensors.subList(at, end), elements);
      }
      at = end;
    }
  }

  private void sum(List<Tensor> tensors, long elements) {
    Tensor all = Tensor.empty(DType.F32, elements);
    long from = 0;
    for (Tensor tensor : tensors) {
      all.narrow(0, from, tensor.numel()).copyFrom(tensor.flatten());
      from += tensor.numel();
    }
    reduce(all);
    from = 0;
    for (Tensor tensor : tensors) {
      tensor.copyFrom(all.narrow(0, from, tensor.numel()).view(tensor.shape()));
      from += tensor.numel();
    }
  }

  private void reduce(Tensor tensor) {
    if (size == 1) return;
    try (PointerScope _ = new PointerScope()) {
      Work work = group.allreduce(new TensorVector(tensor.nativeTensor()));
      work._wait();
    } catch (RuntimeException gone) {
      throw new IllegalStateException(
          "another process of the group has gone: " + firstLine(gone), gone);
    }
  }

  private static String firstLine(RuntimeException failure) {
    return String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
  }

  @Override
  public void close() {
    group.close();
    store.close();
  }
}
