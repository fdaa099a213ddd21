package io.otium.lm.train;

import io.otium.core.train.Objective;
import io.otium.lm.data.TokenBatch;
import io.otium.lm.model.ChunkedLoss;

/**
 * Cross-entropy of the next token where the batch has a target: of every token of a text (causal
 * language modelling), or of an assistant's turns alone (supervised fine-tuning).
 */
public final class LanguageModelling implements Objective<TokenBatch> {
  private final ChunkedLoss loss;

  public LanguageModelling(ChunkedLoss loss) {
    this.loss = loss;
  }

  @Override
  public double weight(TokenBatch batch) {
    return batch.learned();
  }

  @Override
  public double backward(TokenBatch batch, double scale) {
    return loss.backward(batch, scale);
  }

  @Override
  public double loss(TokenBatch batch) {
    return loss.loss(batch);
  }

  @Override
  public long size(TokenBatch batch) {
    return batch.tokens().length;
  }
}
