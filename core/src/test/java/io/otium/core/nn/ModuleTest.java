package io.otium.core.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.otium.core.tensor.DType;
import io.otium.core.tensor.Randomness;
import io.otium.core.tensor.Scope;
import io.otium.core.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ModuleTest {
  private final Randomness random = new Randomness(3);
  private Scope scope;

  @BeforeEach
  void open() {
    scope = new Scope();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  private Sequential net() {
    return new Sequential(
        new Linear(4, 4, random), new BatchNorm(4), new Residual(new Linear(4, 4, random)));
  }

  @Test
  void partsAreNamedByTheirPaths() {
    Sequential net = net();
    assertThat(net.parameters().keySet())
        .containsExactly(
            "0.weight", "0.bias", "1.weight", "1.bias", "2.inner.weight", "2.inner.bias");
    assertThat(net.buffers().keySet()).containsExactly("1.running_mean", "1.running_var");
    assertThat(net.parameterCount()).isEqualTo(16 + 4 + 4 + 4 + 16 + 4);
    assertThat(net.modules()).containsKeys("", "0", "2", "2.inner");
  }

  @Test
  void parametersOutliveTheScopeTheyWereMadeIn() {
    Linear linear;
    try (var _ = new Scope()) {
      linear = new Linear(2, 2, random);
    }
    assertThat(linear.weight().isClosed()).isFalse();
    linear.close();
    assertThat(linear.weight().isClosed()).isTrue();
  }

  @Test
  void aSharedParameterIsOneParameterOfTwoNames() {
    EncoderDecoder model = new EncoderDecoder(11, 8, 1, 2, 6, random);
    assertThat(model.parameters()).containsKey("tokens.weight").doesNotContainKey("head.weight");
    assertThat(model.state()).containsKeys("tokens.weight", "head.weight");
  }

  @Test
  void stateGoesFromOneToAnother() {
    Sequential one = net();
    Sequential two = net();
    one.to(DType.F64);
    two.load(one.state());
    Tensor x = Tensor.ones(2, 4);
    one.eval();
    two.eval();
    double[] expected = one.forward(x.to(DType.F64)).toDoubles();
    double[] actual = two.forward(x).toDoubles();
    for (int i = 0; i < actual.length; i++) {
      assertThat(actual[i]).isCloseTo(expected[i], within(1e-5));
    }
  }

  @Test
  void aStateThatDoesNotFitIsRefusedByName() {
    Sequential net = net();
    float before = net.tensor("0.bias").toFloats()[0];
    Map<String, Tensor> state = new LinkedHashMap<>(net().state());
    state.remove("1.running_var");
    state.put("3.weight", Tensor.ones(1));
    state.put("0.weight", Tensor.ones(4, 5));
    assertThatThrownBy(() -> net.load(state))
        .isInstanceOf(StateException.class)
        .hasMessage(
            "the state does not fit: missing: 1.running_var; unexpected: 3.weight; of another"
                + " shape: 0.weight [4, 5] where [4, 4] is needed");
    assertThat(net.tensor("0.bias").toFloats()[0]).isEqualTo(before);
  }

  @Test
  void patternsFreezeAndUnfreeze() {
    Sequential net = net();
    assertThat(net.freeze("**.weight")).containsExactly("0.weight", "1.weight", "2.inner.weight");
    assertThat(net.trainable().keySet()).containsExactly("0.bias", "1.bias", "2.inner.bias");
    net.unfreeze("0.*");
    assertThat(net.trainable().keySet())
        .containsExactly("0.weight", "0.bias", "1.bias", "2.inner.bias");
    assertThatThrownBy(() -> net.freeze("layers.*"))
        .hasMessage(
            "the pattern layers.* matches none of the 6 parameters: 0.weight, 0.bias, 1.weight,"
                + " 1.bias, 2.inner.weight, 2.inner.bias");
  }

  @Test
  void dropoutDropsOnlyInTraining() {
    Sequential net = new Sequential(new Dropout(0.5, random));
    Tensor x = Tensor.ones(100);
    assertThat(net.forward(x).eq(0).any().item()).isEqualTo(1);
    net.eval();
    assertThat(net.forward(x).sameAs(x)).isTrue();
    net.train();
    assertThat(net.forward(x).sameAs(x)).isFalse();
  }

  @Test
  void batchNormMovesItsRunningStatisticsInTraining() {
    BatchNorm norm = new BatchNorm(1);
    norm.forward(Tensor.of(new float[] {0, 2}, 2, 1));
    assertThat(norm.tensor("running_mean").item()).isCloseTo(0.1, within(1e-6));
    assertThat(norm.tensor("running_var").item()).isCloseTo(1.1, within(1e-6));
  }

  @Test
  void anAdapterStartsAtNothingAndMergesIntoTheWeight() {
    Sequential net = net();
    net.eval();
    Tensor x = random.stream("test").randn(3, 4);
    float[] before = net.forward(x).toFloats();
    var names = Layer.attach(net, Linear.class, "**", "lora", l -> new Lora(l, 2, 8, 0.5, random));
    assertThat(names).containsExactly("0", "2.inner");
    net.eval();
    assertThat(net.forward(x).toFloats()).containsExactly(before);
    assertThat(net.parameters()).containsKeys("0.lora.a", "2.inner.lora.b");

    for (String name : names) {
      Init.normal(net.tensor(name + ".lora.b"), 1, random.stream("test"));
    }
    Tensor adapted = net.forward(x);
    assertThat(adapted.toFloats()).isNotEqualTo(before);
    for (String name : names) {
      Linear linear = (Linear) net.module(name);
      ((Lora) net.module(name + ".lora")).mergeInto(linear);
      linear.detach("lora");
    }
    assertThat(net.parameters()).hasSize(6);
    assertThat(net.forward(x).allClose(adapted, 1e-5, 1e-5)).isTrue();
    assertThatThrownBy(() -> Layer.attach(net, Linear.class, "q", "lora", l -> new Scaled(1)))
        .hasMessage("the pattern q matches none of the 2 layers of Linear: 0, 2.inner");
  }

  @Test
  void whatIsAttachedLaterIsAroundWhatWasBefore() {
    Linear linear = new Linear(1, 1, random);
    linear.weight().detach().fillInPlace(1);
    linear.tensor("bias").detach().fillInPlace(1);
    linear.attach("double", new Scaled(2));
    linear.attach("triple", new Scaled(3));
    assertThat(linear.forward(Tensor.ones(1, 1)).item()).isEqualTo(12);
    linear.detach("double");
    assertThat(linear.forward(Tensor.ones(1, 1)).item()).isEqualTo(6);
  }

  @Test
  void aNameIsTakenOnce() {
    Linear linear = new Linear(1, 1, random);
    linear.attach("scale", new Scaled(2));
    assertThatThrownBy(() -> linear.attach("scale", new Scaled(2)))
        .hasMessage("Linear has a part called scale already");
    assertThatThrownBy(() -> linear.attach("a.b", new Scaled(2))).hasMessageContaining("no dots");
    assertThatThrownBy(() -> linear.tensor("wieght"))
        .hasMessage("there is no parameter or buffer called wieght; did you mean weight?");
    assertThatThrownBy(() -> linear.module("x")).hasMessage("there is no part called x: scale");
  }

  @Test
  void impossibleShapesAreRefused() {
    assertThatThrownBy(() -> new MultiHeadAttention(10, 3, false, random))
        .hasMessageContaining("do not divide a width of 10");
    assertThatThrownBy(() -> new VisionTransformer(8, 3, 1, 8, 1, 2, 2, random))
        .hasMessage("patches of 3 do not divide an image of 8");
    assertThatThrownBy(() -> new Dropout(1.5, random)).hasMessageContaining("from 0 to 1");
    assertThatThrownBy(() -> new Linear(2, 3, random).forward(Tensor.ones(1, 4)))
        .hasMessageStartingWith("linear of [1, 4] and [3, 2] and [3]: ");
  }
}
