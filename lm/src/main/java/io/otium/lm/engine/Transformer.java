package io.otium.lm.engine;

import io.otium.core.torch.Processor;
import io.otium.lm.engine.kernel.Elementwise;
import io.otium.lm.engine.kernel.KvPages;
import io.otium.lm.engine.kernel.Team;
import io.otium.lm.engine.kernel.TileMatrix;
import io.otium.lm.model.Activation;
import io.otium.lm.model.ModelConfig;
import io.otium.lm.model.ModelConfig.Norm;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The forward pass of generation: new rows of any number of sequences, against their caches. Every
 * worker of the team runs {@link #forward} and takes its share of each line; {@code meet} stands
 * where one line needs all of the one before. Buffers are {@code [rows][stride]}, kept between
 * steps; nothing is allocated while a batch runs.
 */
final class Transformer {
  private static final int OWN_ROWS = 4;

  private final ModelConfig c;
  private final EngineWeights weights;
  private final Team team;
  private final Attention attention;
  private final KvPages pages;
  private final RopeTable rope;
  private final HookCalls hooks;

  private final int xStride;
  private final int qkvStride;
  private final int mixStride;
  private final int mlpStride;
  private final int upStride;
  private final TileMatrix.Scratch[] scratch;
  private int scratchInputs;

  /** Residual stream. */
  private float[] x = new float[0];

  /** Normalised input of a product; after the last layer, the final norm of the wanted rows. */
  private float[] normed = new float[0];

  /** The same of a few rows, for each worker. */
  private final float[][] ownNormed;

  /** Queries, then keys, then values of a row. */
  private float[] qkv = new float[0];

  /** Attention's mixed values. */
  private float[] mixed = new float[0];

  /** Gates, then ups (or ups alone) of the MLP. */
  private float[] gateUp = new float[0];

  /** Input of the MLP's down product. */
  private float[] hidden = new float[0];

  /** What adapters make of a product's input, {@code A x}. */
  private float[] adapted = new float[0];

  /** Logits of the wanted rows. */
  private float[] logits = new float[0];

  private final int logitStride;

  /** Set while somebody wants the final hidden states and no logits. */
  private boolean onlyHidden;

  Transformer(ModelConfig config, EngineWeights weights, KvPages pages, Team team) {
    this.c = config;
    this.weights = weights;
    this.team = team;
    this.pages = pages;
    this.attention = new Attention(pages, team, c.queryHeads(), c.kvHeads(), c.headDim());
    this.rope = new RopeTable(c);
    this.hooks = new HookCalls(pages, team, c);
    this.xStride = stride(c.width());
    this.qkvStride = stride(c.queryWidth() + 2 * c.kvWidth());
    this.mixStride = stride(c.queryWidth());
    this.upStride = stride(c.mlpWidth() * (c.gatedMlp() ? 2 : 1));
    this.mlpStride = stride(c.mlpWidth());
    this.logitStride = stride(c.vocabulary());
    this.ownNormed = new float[team.size()][OWN_ROWS * xStride];
    this.scratch = new TileMatrix.Scratch[team.size()];
    reserveScratch(weights.linears().mapToInt(l -> l.tiles().inputs()).max().orElse(0));
  }

  private void reserveScratch(int mostInputs) {
    if (mostInputs <= scratchInputs) return;
    scratchInputs = mostInputs;
    for (int w = 0; w < scratch.length; w++) scratch[w] = new TileMatrix.Scratch(mostInputs);
  }

  /** Rows begin at multiples of 32 floats; what pads them stays zero. */
  private static int stride(int n) {
    return (n + 31) / 32 * 32;
  }

  /**
   * Runs the batch; the caches hold its tokens' keys and values afterwards. Logits of its wanted
   * rows are then in {@link #logits}, in order.
   */
  void run(Batch batch) {
    reserve(batch.capacity, onlyHidden ? 0 : batch.wantedRows, batch.mostRanks);
    batch.wideFrom = weights.wideFrom(); // once for all workers
    // not before libtorch is there: loading it takes a second
    batch.halves =
        batch.wideFrom < Integer.MAX_VALUE && pages.multiplies(Processor.has("avx512_bf16"));
    attention.reserve(batch.capacity);
    team.run(worker -> forward(worker, batch));
  }

  float[] logits() {
    return logits;
  }

  int logitStride() {
    return logitStride;
  }

  int hiddenStride() {
    return xStride;
  }

  private void reserve(int rows, int wanted, int ranks) {
    if (x.length < rows * xStride) {
      x = new float[rows * xStride];
      normed = new float[rows * xStride];
      qkv = new float[rows * qkvStride];
      mixed = new float[rows * mixStride];
      gateUp = new float[rows * upStride];
      hidden = new float[rows * mlpStride];
    }
    if (adapted.length < rows * stride(ranks)) adapted = new float[rows * stride(ranks)];
    reserveScratch(ranks);
    if (logits.length < wanted * logitStride) logits = new float[wanted * logitStride];
  }

  private void forward(int worker, Batch b) {
    Share share = share(worker, b);
    for (int r = share.firstRow(); r < share.endRow(); r++) embed(b, r);
    meet(share);
    for (int l = 0; l < c.layers(); l++) {
      EngineWeights.Layer layer = weights.layers().get(l);
      boolean last = l == c.layers() - 1;

      if (worker == 0) b.enter(l);
      float[] in = normed(share, layer.attentionNorm());
      layer.qkv().apply(share, in, xStride, qkv, qkvStride, false);
      adapt(share, b, l, AdapterWeights.Layer::qkv, in, xStride, qkv, qkvStride);
      team.barrier();
      for (int r = share.firstRow(); r < share.endRow(); r++) store(b, l, layer, r);
      team.barrier();
      if (last) {
        // its keys and values are needed of all rows, the rest only of those somebody asked for
        if (worker == 0) keep(b, b.wanted.clone());
        team.barrier();
        share = share(worker, b);
      }
      if (b.rows == 0) return;

      attention.attend(worker, l, b, qkv, qkvStride, mixed, mixStride);
      team.barrier();
      if (attention.splits(b)) {
        attention.combine(worker, b, mixed, mixStride);
        team.barrier();
      }
      if (b.hooked) {
        hooks.attention(worker, l, b, qkv, qkvStride);
        team.barrier();
      }
      layer.o().apply(share, mixed, mixStride, x, xStride, true);
      adapt(share, b, l, AdapterWeights.Layer::o, mixed, mixStride, x, xStride);
      meet(share);
      in = normed(share, layer.mlpNorm());
      layer.gateUp().apply(share, in, xStride, gateUp, upStride, false);
      adapt(share, b, l, AdapterWeights.Layer::gateUp, in, xStride, gateUp, upStride);
      meet(share);
      for (int r = share.firstRow(); r < share.endRow(); r++) activate(r);
      meet(share);
      layer.down().apply(share, hidden, mlpStride, x, xStride, true);
      adapt(share, b, l, AdapterWeights.Layer::down, hidden, mlpStride, x, xStride);
      meet(share);
      if (b.hooked && !last) {
        team.barrier();
        if (worker == 0) {
          hooks.hidden(l, b, x, xStride);
          boolean[] kept = hooks.kept(l, b);
          if (kept != null) keep(b, kept);
        }
        team.barrier();
        share = share(worker, b);
      }
    }
    for (int r = share.firstRow(); r < share.endRow(); r++) norm(weights.finalNorm(), r, normed);
    team.barrier();
    if (onlyHidden) return;
    weights.output().apply(share, normed, xStride, logits, logitStride, false);
    if (c.logitScale() != 1f) {
      team.barrier();
      for (int r = share.firstRow(); r < share.endRow(); r++) {
        Elementwise.scale(logits, r * logitStride, c.vocabulary(), c.logitScale());
      }
    }
  }

  /** Adds {@code s · B A x} to a product's rows, each by its sequence's adapter. */
  private void adapt(
      Share all,
      Batch b,
      int layer,
      Function<AdapterWeights.Layer, AdapterWeights.@Nullable Product> which,
      float[] in,
      int inStride,
      float[] out,
      int outStride) {
    if (b.mostRanks == 0) return;
    Share share = all.ofSmallProducts();
    int stride = stride(b.mostRanks);
    each(
        b,
        layer,
        which,
        (product, first, end) ->
            product.a().apply(share, first, end, in, inStride, adapted, stride, false));
    meet(share);
    each(
        b,
        layer,
        which,
        (product, first, end) ->
            product.b().apply(share, first, end, adapted, stride, out, outStride, true));
  }

  /** Calls with each run of rows that have the same update. */
  private static void each(
      Batch b,
      int layer,
      Function<AdapterWeights.Layer, AdapterWeights.@Nullable Product> which,
      Rows rows) {
    for (int p = 0; p < b.parts.size(); ) {
      AdapterWeights adapter = b.parts.get(p).adapter();
      int first = b.first[p];
      while (++p < b.parts.size() && b.parts.get(p).adapter() == adapter) {}
      int end = b.end[p - 1];
      AdapterWeights.Product product = adapter == null ? null : which.apply(adapter.layer(layer));
      if (product != null && first < end) rows.with(product, first, end);
    }
  }

  /** Does something with rows {@code [first, end)} and their update. */
  private interface Rows {
    void with(AdapterWeights.Product product, int first, int end);
  }

  private Share share(int worker, Batch b) {
    Share.Division division =
        b.rows < b.wideFrom
            ? Share.Division.TILES
            : b.rows < EngineWeights.ROWS_EACH ? Share.Division.OUTPUTS : Share.Division.ROWS;
    return new Share(worker, team.size(), b.rows, division, scratch[worker]);
  }

  /** Nobody waits where each worker has its own rows. */
  private void meet(Share share) {
    if (!share.byRows()) team.barrier();
  }

  private void embed(Batch b, int r) {
    if (b.given == null) {
      weights.embedding().row(b.token[r], x, r * xStride);
    } else {
      System.arraycopy(b.given, r * c.width(), x, r * xStride, c.width());
    }
    if (weights.positions() != null) {
      Elementwise.add(x, r * xStride, weights.positions(), b.position[r] * c.width(), c.width());
    }
  }

  /**
   * The normalised rows that a product takes. A few rows each worker normalises for itself: that is
   * sooner done than waited for.
   */
  private float[] normed(Share share, EngineWeights.Scale norm) {
    if (share.rows() <= OWN_ROWS && !share.byRows()) {
      float[] own = ownNormed[share.worker()];
      for (int r = 0; r < share.rows(); r++) norm(norm, r, own);
      return own;
    }
    for (int r = share.firstRow(); r < share.endRow(); r++) norm(norm, r, normed);
    meet(share);
    return normed;
  }

  private void norm(EngineWeights.Scale norm, int r, float[] out) {
    int at = r * xStride;
    if (c.norm() == Norm.RMS) {
      Elementwise.rmsNorm(x, at, c.width(), norm.weight(), c.normEps(), out, at);
    } else {
      Elementwise.layerNorm(x, at, c.width(), norm.weight(), norm.bias(), c.normEps(), out, at);
    }
  }

  /** Norms and rotates a row's heads, and puts its keys and values into the cache. */
  private void store(Batch b, int l, EngineWeights.Layer layer, int r) {
    int q = r * qkvStride;
    int k = q + c.queryWidth();
    int v = k + c.kvWidth();
    if (layer.qNorm() != null) normHeads(q, c.queryHeads(), layer.qNorm());
    if (layer.kNorm() != null) normHeads(k, c.kvHeads(), layer.kNorm());
    if (c.rope() != null) {
      int at = rope.row(b.position[r]);
      for (int h = 0; h < c.queryHeads() + c.kvHeads(); h++) {
        Elementwise.rotate(qkv, q + h * c.headDim(), c.headDim() / 2, rope.table(), at);
      }
    }
    int slot = b.visible[r] - 1;
    int page = b.parts.get(b.part[r]).cache().page(l, slot);
    for (int h = 0; h < c.kvHeads(); h++) {
      pages.write(
          page, slot % KvPages.SLOTS, h, qkv, k + h * c.headDim(), qkv, v + h * c.headDim());
    }
  }

  private void normHeads(int at, int heads, float[] weight) {
    for (int h = 0; h < heads; h++) {
      int head = at + h * c.headDim();
      Elementwise.rmsNorm(qkv, head, c.headDim(), weight, c.normEps(), qkv, head);
    }
  }

  private void activate(int r) {
    int from = r * upStride;
    int to = r * mlpStride;
    int n = c.mlpWidth();
    if (c.gatedMlp() && c.activation() == Activation.SILU) {
      Elementwise.siluTimes(gateUp, from, gateUp, from + n, n, hidden, to);
    } else if (c.gatedMlp()) {
      for (int i = 0; i < n; i++)
        hidden[to + i] = c.activation().apply(gateUp[from + i]) * gateUp[from + n + i];
    } else {
      for (int i = 0; i < n; i++) hidden[to + i] = c.activation().apply(gateUp[from + i]);
    }
  }

  /** Only these rows go on: their residual stream and queries move together. */
  private void keep(Batch b, boolean[] kept) {
    b.keep(
        kept,
        (from, to) -> {
          System.arraycopy(x, from * xStride, x, to * xStride, xStride);
          System.arraycopy(qkv, from * qkvStride, qkv, to * qkvStride, c.queryWidth());
        });
  }

  /** Logits of all the tokens, {@code [tokens][stride]}; valid until the next step. */
  float[] logits(SequenceCache cache, int[] tokens, int firstPosition) {
    return logits(cache, null, tokens, firstPosition);
  }

  /** The same with an adapter. */
  float[] logits(
      SequenceCache cache, @Nullable AdapterWeights adapter, int[] tokens, int firstPosition) {
    run(alone(cache, adapter, tokens, firstPosition));
    return logits;
  }

  /** Final hidden states of all the tokens, {@code [tokens][stride]}; valid until the next step. */
  float[] hiddenStates(
      SequenceCache cache, @Nullable AdapterWeights adapter, int[] tokens, int firstPosition) {
    onlyHidden = true;
    try {
      run(alone(cache, adapter, tokens, firstPosition));
    } finally {
      onlyHidden = false;
    }
    return normed;
  }

  private static Batch alone(
      SequenceCache cache, @Nullable AdapterWeights adapter, int[] tokens, int firstPosition) {
    boolean[] wanted = new boolean[tokens.length];
    Arrays.fill(wanted, true);
    return new Batch(
        List.of(new Batch.Part(cache, SequenceHook.NONE, adapter, tokens, firstPosition, wanted)));
  }
}
