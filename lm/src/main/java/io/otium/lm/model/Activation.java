package io.otium.lm.model;

/** The nonlinearity of the MLP. */
public enum Activation {
  /** x · sigmoid(x) */
  SILU {
    @Override
    public float apply(float x) {
      return (float) (x / (1 + Math.exp(-x)));
    }
  },
  /** x · Φ(x), with the error function itself */
  GELU {
    @Override
    public float apply(float x) {
      return (float) (0.5 * x * (1 + erf(x / Math.sqrt(2))));
    }
  },
  /** The approximation of {@link #GELU} by tanh. */
  GELU_TANH {
    @Override
    public float apply(float x) {
      double inner = Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x);
      return (float) (0.5 * x * (1 + Math.tanh(inner)));
    }
  },
  RELU {
    @Override
    public float apply(float x) {
      return Math.max(x, 0);
    }
  };

  public abstract float apply(float x);

  /** As Hugging Face's configurations spell it. */
  static Activation of(String name) {
    return switch (name) {
      case "silu", "swish" -> SILU;
      case "gelu" -> GELU;
      case "gelu_new", "gelu_pytorch_tanh", "gelu_fast" -> GELU_TANH;
      case "relu" -> RELU;
      default ->
          throw new IllegalArgumentException(
              "activation '"
                  + Fields.shown(name)
                  + "' is not supported; it must be one of silu, gelu, gelu_new,"
                  + " gelu_pytorch_tanh, relu");
    };
  }

  /** erf(x) = 2/√π · e^(−x²) · Σ 2ⁿ x^(2n+1) / (1·3·…·(2n+1)): all terms of one sign. */
  static double erf(double x) {
    if (Math.abs(x) > 6) {
      return Math.signum(x);
    }
    double term = x;
    double sum = x;
    for (int n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
      term *= 2 * x * x / (2 * n + 1);
      sum += term;
    }
    return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
  }
}
