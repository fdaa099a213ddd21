package io.otium.core.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.otium.core.tensor.Autograd;
import io.otium.core.tensor.DType;
import io.otium.core.tensor.RandomStream;
import io.otium.core.tensor.Randomness;
import io.otium.core.tensor.Scope;
import io.otium.core.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LowRankTest {
  private final Scope scope = new Scope();

  @AfterEach
  void free() {
    scope.close();
  }

  /** The numbers are those of peft 0.21.2 (use_dora, r 2, lora_alpha 3, seed 3) on torch 2.15. */
  @Test
  void doraHasThePeftLibrarysResultGradientsAndMergedWeight() {
    Tensor weight =
        Tensor.of(
            new float[] {
              -0.4957365f, -0.3944306f, -0.2141575f, -0.4730452f, -0.02838564f, -0.4398837f,
              0.2718658f, 0.2436994f, 0.09442121f, 0.3878567f, -0.04896867f, 0.2994906f
            },
            3,
            4);
    Tensor bias = Tensor.of(new float[] {-0.3501591f, -0.09853119f, -0.4458231f});
    Tensor a =
        Tensor.of(
                new float[] {
                  0.3907644f,
                  0.08630449f,
                  -0.9016764f,
                  0.4483174f,
                  0.2663582f,
                  0.06196846f,
                  -0.3138981f,
                  -0.934476f
                },
                2,
                4)
            .requiresGrad(true);
    Tensor b =
        Tensor.of(
                new float[] {
                  -3.362037f, -0.7443569f, -0.3317259f, 0.618902f, -0.1569617f, 0.7003199f
                },
                3,
                2)
            .requiresGrad(true);
    Tensor m = Tensor.of(new float[] {1.228687f, 0.4006568f, 0.5515826f}).requiresGrad(true);
    Tensor x =
        Tensor.of(
            new float[] {
              -0.206396f,
              -0.4938998f,
              0.2026749f,
              -0.8127064f,
              0.9139861f,
              0.3595448f,
              -0.860079f,
              1.269329f
            },
            2,
            4);
    Tensor t =
        Tensor.of(
            new float[] {
              -0.6769763f, -0.23491f, -1.125052f, -0.06556139f, -0.4155609f, -0.4772914f
            },
            2,
            3);
    var dora = new LowRank(a, b, m, 1.5, 0, new RandomStream(1));
    Tensor y = x.matmul(weight.transpose(0, 1)).add(dora.update(weight, x, true)).add(bias);
    assertSame(y, 0.3611176f, 0.2788917f, -0.2529275f, -2.273154f, -0.7048034f, -0.7014046f);
    y.mul(t).sum().backward();
    assertSame(
        a.grad(),
        0.005409613f,
        -0.3797598f,
        0.002730399f,
        -0.4792692f,
        -0.2610093f,
        0.1467515f,
        0.2405067f,
        -0.04454696f);
    assertSame(
        b.grad(), 0.1087605f, -0.1184326f, -0.3249134f, 0.07331645f, -0.06298846f, -0.3253175f);
    assertSame(m.grad(), -0.2892871f, 0.4075373f, -0.1722874f);
    assertSame(
        Autograd.noGrad(() -> dora.merged(weight)),
        -0.5890005f,
        -0.1915594f,
        0.9981246f,
        -0.3602818f,
        0.009413322f,
        -0.1637495f,
        0.1652212f,
        -0.3260757f,
        0.1627386f,
        0.2494704f,
        -0.09596273f,
        -0.4542193f);
  }

  @Test
  void inHalfPrecisionANewAdapterChangesNothing() {
    Tensor weight = new RandomStream(2).randn(8, 16).to(DType.BF16);
    Tensor x = new RandomStream(3).randn(5, 16).to(DType.BF16);
    Tensor product = x.matmul(weight.transpose(0, 1));
    for (boolean dora : new boolean[] {false, true}) {
      var update = LowRank.beginning(weight, 4, 2, 0, dora, new Randomness(1));
      assertThat(product.add(update.update(weight, x, true)).toFloats())
          .containsExactly(product.toFloats());
      assertThat(update.merged(weight).toFloats()).containsExactly(weight.toFloats());
    }
  }

  private static void assertSame(Tensor actual, float... expected) {
    assertThat(actual.toFloats()).containsExactly(expected, within(2e-6f));
  }
}
