package io.otium.lm.train;

import io.otium.core.train.Objective;
import io.otium.lm.data.TokenBatch;
import io.otium.lm.model.ChunkedLoss;
import java.util.function.UnaryOperator;

/**
 * Cross-entropy of the next token where the batch has a target: of every token of a text (causal
 * language modelling), or of an assistant's turns alone (supervised fine-tuning).
 */
public final class LanguageModelling implements Objective<TokenBatch> {
  private final ChunkedLoss loss;
  private final UnaryOperator<TokenBatch> prepared;

  public LanguageModelling(ChunkedLoss loss) {
    this(loss, UnaryOperator.identity());
  }

  /**
   * @param prepared what the model reads in place of a batch, with the same targets
   */
  public LanguageModelling(ChunkedLoss loss, UnaryOperator<TokenBatch> prepared) {
    this.loss = loss;
    this.prepared = prepared;
  }

  @Override
  public double weight(TokenBatch batch) {
    return batch.learned();
  }

  @Override
  public double backward(TokenBatch batch, double scale) {
    return loss.backward(prepared.apply(batch), scale);
  }

  @Override
  public double loss(TokenBatch batch) {
    return loss.loss(prepared.apply(batch));
  }

  @Override
  public long size(TokenBatch batch) {
    return batch.tokens().length;
  }
}
