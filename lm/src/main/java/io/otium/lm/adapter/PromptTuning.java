package io.otium.lm.adapter;

import io.otium.core.tensor.DType;
import io.otium.core.tensor.NoGrad;
import io.otium.core.tensor.RandomStream;
import io.otium.core.tensor.Randomness;
import io.otium.core.tensor.Scope;
import io.otium.core.tensor.Tensor;
import io.otium.lm.data.TokenBatch;
import io.otium.lm.model.AutogradModel;
import io.otium.lm.model.SoftPrompt;
import io.otium.lm.model.Weights;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Prompt tuning (Lester et al., arXiv 2104.08691): embeddings {@code [tokens, width]}, F32, that
 * stand before every sequence and alone are trained. They begin as those of random tokens.
 */
public final class PromptTuning implements Tuning {
  private static final String NAME = "prompt_embeddings";

  private final AutogradModel model;
  private final int tokens;
  private final Tensor prompt;

  private PromptTuning(AutogradModel model, int tokens, Tensor prompt) {
    this.model = model;
    this.tokens = tokens;
    this.prompt = prompt;
  }

  /**
   * Puts a prompt before what a model reads.
   *
   * @param tokens positions that it takes, fewer than the model's context
   */
  public static PromptTuning on(AutogradModel model, int tokens, Randomness randomness) {
    RandomStream init = randomness.stream(Randomness.INIT);
    Tensor prompt;
    try (var scope = new Scope();
        var _ = new NoGrad()) {
      Tensor ids = init.randint(0, model.config().vocabulary(), tokens);
      prompt = scope.keep(model.embedding().indexSelect(0, ids).to(DType.F32).copy()).keep();
    }
    var tuning = new PromptTuning(model, tokens, prompt.requiresGrad(true));
    model.embedded(tuning::place);
    return tuning;
  }

  /** Puts the prompt into the places that {@link #prepared} made: {@code [tokens, width]}. */
  private Tensor place(TokenBatch batch, Tensor x) {
    Tensor own = prompt.to(x.dtype());
    List<Tensor> parts = new ArrayList<>();
    for (int s = 0; s < batch.sequences(); s++) {
      int from = batch.starts()[s] + tokens;
      parts.add(own);
      parts.add(x.narrow(0, from, batch.starts()[s + 1] - from));
    }
    return Tensor.cat(parts, 0);
  }

  /** With as many places before each sequence, after which nothing is learnt. */
  @Override
  public TokenBatch prepared(TokenBatch batch) {
    List<TokenBatch> all = new ArrayList<>();
    for (int s = 0; s < batch.sequences(); s++) {
      int from = batch.starts()[s];
      int length = batch.starts()[s + 1] - from;
      int[] ids = new int[tokens + length];
      int[] positions = new int[tokens + length];
      int[] targets = new int[tokens + length];
      Arrays.fill(targets, 0, tokens, TokenBatch.IGNORED);
      System.arraycopy(batch.tokens(), from, ids, tokens, length);
      System.arraycopy(batch.targets(), from, targets, tokens, length);
      Arrays.setAll(positions, i -> i);
      all.add(new TokenBatch(ids, positions, new int[] {0, ids.length}, targets));
    }
    return TokenBatch.join(all);
  }

  @Override
  public Map<String, Tensor> parameters() {
    return Map.of(NAME, prompt);
  }

  @Override
  public Weights with(Weights base) {
    return base.behind(new SoftPrompt.Embeddings(tokens, prompt.toFloats()));
  }

  @Override
  public void write(String base, Path folder) throws IOException {
    var soft = new SoftPrompt.Embeddings(tokens, prompt.toFloats());
    SoftPromptFiles.write(soft, model.config(), base, folder);
  }

  @Override
  public void close() {
    model.embedded(null);
    prompt.close();
  }
}
