package io.otium.core.train;

import io.otium.core.checkpoint.Checkpointer;
import io.otium.core.checkpoint.LoadedCheckpoint;
import io.otium.core.data.BatchSource;
import io.otium.core.data.Cursor;
import io.otium.core.optim.Optimizer;
import io.otium.core.optim.Schedule;
import io.otium.core.tensor.NoGrad;
import io.otium.core.tensor.ProcessGroup;
import io.otium.core.tensor.Randomness;
import io.otium.core.tensor.Scope;
import io.otium.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The training loop:
 *
 * <pre>{@code
 * new Trainer<>(objective, batches, optimizer, schedule, randomness, options)
 *     .with(callback)
 *     .checkpoints(checkpointer)
 *     .run();
 * }</pre>
 *
 * A step sums the gradients of {@code accumulate} batches, weighted by their targets, so that one
 * large batch and several small ones give the same update. With checkpoints, a run that is killed
 * and {@link #restore}d goes on with the same batches, the same random numbers and the same losses,
 * to the bit.
 *
 * @param <B> a batch
 */
public final class Trainer<B> {
  private static final String STEP = "step";
  private static final String PARAMETERS = "parameters";
  private static final String OPTIMIZER = "optimizer";
  private static final String DATA = "data";
  private static final String RANDOM = "random";
  private static final String CALLBACKS = "callbacks";

  private final Objective<B> objective;
  private final BatchSource<B> batches;
  private final Optimizer optimizer;
  private final Schedule schedule;
  private final Randomness randomness;
  private final TrainerOptions options;
  private final List<TrainCallback> callbacks = new ArrayList<>();
  private @Nullable Checkpointer checkpoints;
  private @Nullable ProcessGroup group;
  private long step;
  private boolean stopped;

  /**
   * @param optimizer of the parameters that are learnt; a checkpoint keeps these, with its state
   * @param randomness every stream that the objective draws from
   */
  public Trainer(
      Objective<B> objective,
      BatchSource<B> batches,
      Optimizer optimizer,
      Schedule schedule,
      Randomness randomness,
      TrainerOptions options) {
    this.objective = objective;
    this.batches = batches;
    this.optimizer = optimizer;
    this.schedule = schedule;
    this.randomness = randomness;
    this.options = options;
  }

  /** Adds a callback; they are called in the order in which they were added. */
  public Trainer<B> with(TrainCallback callback) {
    callbacks.add(callback);
    return this;
  }

  /** Saves the run's state when the checkpointer says that it is due. */
  public Trainer<B> checkpoints(Checkpointer checkpointer) {
    checkpoints = checkpointer;
    return this;
  }

  /**
   * Trains together with the trainers of other processes, made alike: of the batches that are
   * accumulated for a step, each process computes its share. Updates and losses are those of one
   * process that computes all; only the first process may save checkpoints.
   *
   * @throws IllegalArgumentException if the batches of a step cannot be shared evenly
   */
  public Trainer<B> together(ProcessGroup processes) {
    if (options.accumulate() % processes.size() != 0) {
      throw new IllegalArgumentException(
          "accumulate is %d; %d processes need a multiple of %d"
              .formatted(options.accumulate(), processes.size(), processes.size()));
    }
    group = processes;
    return this;
  }

  public TrainerOptions options() {
    return options;
  }

  /** Updates made so far. */
  public long steps() {
    return step;
  }

  /** Ends the run after the current step. */
  public void stop() {
    stopped = true;
  }

  /**
   * Trains until the last step, or until somebody {@link #stop}s it.
   *
   * @throws DivergedException if a loss is no number; nothing of that step is kept
   */
  public void run() {
    Checkpointer saver = checkpoints;
    if (saver != null) saver.prepare(savedState());
    for (TrainCallback callback : callbacks) callback.begin(this);
    while (step < options.steps() && !stopped) {
      TrainStep done = update(saver);
      for (TrainCallback callback : callbacks) callback.step(this, done);
      if (saver != null && (saver.options().isDue(step) || step == options.steps())) {
        saver.save(step, savedState());
      }
    }
    for (TrainCallback callback : callbacks) callback.end(this);
    if (saver != null) saver.awaitSnapshot();
  }

  private TrainStep update(@Nullable Checkpointer saver) {
    final long begin = System.nanoTime();
    Cursor from = batches.cursor();
    List<B> parts = new ArrayList<>();
    double weight = 0;
    long size = 0;
    for (int i = 0; i < options.accumulate(); i++) {
      B batch = batches.next();
      parts.add(batch);
      weight += objective.weight(batch);
      size += objective.size(batch);
    }
    try (var _ = new Scope()) {
      double loss = backward(parts, weight) / weight;
      double norm =
          optimizer.clipGradients(options.clip() > 0 ? options.clip() : Double.POSITIVE_INFINITY);
      if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
        optimizer.zeroGrad();
        throw new DivergedException(step + 1, loss, norm, from);
      }
      if (saver != null) saver.awaitSnapshot(); // nothing may change while it is being copied
      double factor = schedule.factor(step);
      optimizer.step(factor);
      optimizer.zeroGrad();
      step++;
      double rate = optimizer.groups().getFirst().rule().lr() * factor;
      double seconds = (System.nanoTime() - begin) / 1e9;
      return new TrainStep(step, from.epoch(), loss, norm, rate, size, seconds);
    }
  }

  /** The sum of the losses, and the gradients of all, whoever computed them. */
  private double backward(List<B> parts, double weight) {
    ProcessGroup processes = group;
    double loss = 0;
    for (int i = 0; i < parts.size(); i++) {
      if (processes != null && i % processes.size() != processes.rank()) continue;
      loss += objective.backward(parts.get(i), 1 / weight);
    }
    if (processes == null) return loss;
    List<Tensor> gradients = new ArrayList<>();
    for (Tensor parameter : optimizer.parameters().values()) {
      if (parameter.hasGrad()) gradients.add(parameter.grad());
    }
    processes.sum(gradients);
    return processes.sum(loss);
  }

  /**
   * Mean loss over other data, without learning from it.
   *
   * @param count batches that are taken
   */
  public double evaluate(BatchSource<B> source, int count) {
    double sum = 0;
    double weight = 0;
    for (int i = 0; i < count; i++) {
      B batch = source.next();
      sum += objective.loss(batch);
      weight += objective.weight(batch);
    }
    return sum / weight;
  }

  private Map<String, Object> savedState() {
    return TensorState.saved(state());
  }

  /** All that the next step depends on; the tensors are the run's own. */
  public Map<String, Object> state() {
    Map<String, Object> state = new LinkedHashMap<>();
    state.put(STEP, step);
    state.put(PARAMETERS, new LinkedHashMap<>(optimizer.parameters()));
    state.put(OPTIMIZER, optimizer.state());
    Cursor cursor = batches.cursor();
    state.put(DATA, Map.of("epoch", (long) cursor.epoch(), "position", (long) cursor.position()));
    state.put(RANDOM, new TreeMap<>(randomness.state()));
    Map<String, Object> ofCallbacks = new LinkedHashMap<>();
    for (TrainCallback callback : callbacks) {
      if (!callback.key().isEmpty()) ofCallbacks.put(callback.key(), callback.state());
    }
    state.put(CALLBACKS, ofCallbacks);
    return state;
  }

  /**
   * Goes on from a checkpoint of a trainer that was made alike, with its callbacks added.
   *
   * @throws IllegalArgumentException with a sentence on what does not fit
   */
  public void restore(LoadedCheckpoint checkpoint) {
    try (var _ = new Scope();
        var _ = new NoGrad()) {
      restore(TensorState.loaded(checkpoint.state()));
    }
  }

  @SuppressWarnings("unchecked") // the trees that state() made
  private void restore(Map<String, Object> state) {
    Map<String, Object> saved = (Map<String, Object>) part(state, PARAMETERS);
    Map<String, Tensor> parameters = optimizer.parameters();
    if (!saved.keySet().equals(parameters.keySet())) {
      throw new IllegalArgumentException(
          "the checkpoint holds %d parameters that are not the %d of this model"
              .formatted(saved.size(), parameters.size()));
    }
    parameters.forEach((name, parameter) -> parameter.copyFrom((Tensor) value(saved, name)));
    optimizer.restore((Map<String, Object>) part(state, OPTIMIZER));
    Map<String, Object> data = (Map<String, Object>) part(state, DATA);
    batches.seek(
        new Cursor(
            Math.toIntExact((Long) value(data, "epoch")),
            Math.toIntExact((Long) value(data, "position"))));
    Map<String, byte[]> random = new TreeMap<>();
    part(state, RANDOM).forEach((name, bytes) -> random.put(String.valueOf(name), (byte[]) bytes));
    randomness.restore(random);
    Map<String, Object> ofCallbacks = (Map<String, Object>) part(state, CALLBACKS);
    for (TrainCallback callback : callbacks) {
      Object own = ofCallbacks.get(callback.key());
      if (own instanceof Map<?, ?> map) callback.restore((Map<String, ?>) map);
    }
    step = (Long) value(state, STEP);
  }

  private static Map<?, ?> part(Map<String, Object> state, String key) {
    if (value(state, key) instanceof Map<?, ?> map) return map;
    throw new IllegalArgumentException("the checkpoint's " + key + " is no map");
  }

  private static Object value(Map<String, Object> state, String key) {
    Object value = state.get(key);
    if (value == null) throw new IllegalArgumentException("the checkpoint has no " + key);
    return value;
  }
}
