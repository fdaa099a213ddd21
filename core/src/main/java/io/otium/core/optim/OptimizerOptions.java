package io.otium.core.optim;

import io.otium.core.options.Doc;
import io.otium.core.options.Range;
import io.otium.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** The rule that updates a model's parameters, as a recipe names it. */
@Doc("Optimizer")
public record OptimizerOptions(
    @Doc("What makes updates of gradients") Rule optimizer,
    @Doc("Learning rate at its highest") @Range(min = 0) double learningRate,
    @Doc("Share of a weight that an update with learning rate 1 takes away") @Range(min = 0)
        double weightDecay,
    @Doc("Decay of the mean of squared gradients, where the rule has one")
        @Range(min = 0, max = 1, maxOpen = true)
        double beta2) {

  /** Update rules by name. */
  public enum Rule {
    ADAMW,
    ADAM,
    /** With a momentum of 0.9. */
    SGD,
    ADAFACTOR,
    /** For hidden matrices, on AdamW's scale of learning rates; AdamW for the rest. */
    MUON
  }

  private static final double MOMENTUM = 0.9;
  private static final double EPS = AdamW.DEFAULTS.eps();

  /**
   * The parameters in groups: matrices decay, vectors do not.
   *
   * @param outer names of matrices that are no hidden layer's: embeddings and the output
   */
  public List<ParameterGroup> groups(Map<String, Tensor> parameters, Predicate<String> outer) {
    var adamW = new AdamW(learningRate, AdamW.DEFAULTS.beta1(), beta2, EPS, weightDecay);
    return switch (optimizer) {
      case ADAMW -> ParameterGroup.decayingMatrices(adamW, parameters);
      case ADAM ->
          ParameterGroup.decayingMatrices(
              new Adam(learningRate, adamW.beta1(), beta2, EPS, weightDecay), parameters);
      case SGD ->
          ParameterGroup.decayingMatrices(
              new Sgd(learningRate, MOMENTUM, false, weightDecay), parameters);
      case ADAFACTOR -> ParameterGroup.decayingMatrices(adafactor(), parameters);
      case MUON -> muon(adamW, parameters, outer);
    };
  }

  private Adafactor adafactor() {
    Adafactor d = Adafactor.DEFAULTS;
    return new Adafactor(learningRate, d.beta2Decay(), d.eps1(), d.eps2(), d.d(), weightDecay);
  }

  private List<ParameterGroup> muon(
      AdamW rest, Map<String, Tensor> parameters, Predicate<String> outer) {
    Muon d = Muon.DEFAULTS;
    var muon =
        new Muon(
            learningRate,
            d.momentum(),
            d.nesterov(),
            d.iterations(),
            Muon.Scale.MATCH_RMS_ADAMW,
            weightDecay,
            d.bf16());
    Map<String, Tensor> hidden = new LinkedHashMap<>(parameters);
    hidden.entrySet().removeIf(entry -> entry.getValue().dim() != 2 || outer.test(entry.getKey()));
    Map<String, Tensor> others = new LinkedHashMap<>(parameters);
    others.keySet().removeAll(hidden.keySet());
    List<ParameterGroup> groups = new ArrayList<>();
    groups.add(ParameterGroup.of("hidden", muon, hidden));
    groups.addAll(ParameterGroup.decayingMatrices(rest, others));
    return groups;
  }
}
