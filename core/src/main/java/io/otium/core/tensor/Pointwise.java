package io.otium.core.tensor;

import org.bytedeco.pytorch.global.torch;

/**
 * Element by element. Two tensors broadcast as in PyTorch. Every {@code …InPlace} changes this
 * tensor and returns it. A whole number leaves a tensor of integers one of integers ({@code
 * ids.add(1)}).
 */
public sealed interface Pointwise extends TensorOps permits Tensor {

  // Arithmetic

  default Tensor add(Tensor other) {
    return Native.binary("add", this, other, (x, y) -> x.add(y));
  }

  default Tensor add(double other) {
    return Native.withScalar("add", this, other, (x, s) -> x.add(s));
  }

  /** {@code this + alpha · other}. */
  default Tensor add(Tensor other, double alpha) {
    return Native.binary("add", this, other, (x, y) -> x.add(y, Native.scalar(x, alpha)));
  }

  default Tensor addInPlace(Tensor other) {
    return Native.change("add", this, other, (x, y) -> x.add_(y));
  }

  default Tensor addInPlace(double other) {
    return Native.changeBy("add", this, other, (x, s) -> x.add_(s));
  }

  /** {@code this += alpha · other}. */
  default Tensor addInPlace(Tensor other, double alpha) {
    return Native.change("add", this, other, (x, y) -> x.add_(y, Native.scalar(x, alpha)));
  }

  default Tensor sub(Tensor other) {
    return Native.binary("sub", this, other, (x, y) -> x.sub(y));
  }

  default Tensor sub(double other) {
    return Native.withScalar("sub", this, other, (x, s) -> x.sub(s));
  }

  /** {@code other − this}. */
  default Tensor rsub(double other) {
    return Native.withScalar("rsub", this, other, (x, s) -> torch.rsub(x, s));
  }

  default Tensor subInPlace(Tensor other) {
    return Native.change("sub", this, other, (x, y) -> x.sub_(y));
  }

  default Tensor mul(Tensor other) {
    return Native.binary("mul", this, other, (x, y) -> x.mul(y));
  }

  default Tensor mul(double other) {
    return Native.withScalar("mul", this, other, (x, s) -> x.mul(s));
  }

  default Tensor mulInPlace(Tensor other) {
    return Native.change("mul", this, other, (x, y) -> x.mul_(y));
  }

  default Tensor mulInPlace(double other) {
    return Native.changeBy("mul", this, other, (x, s) -> x.mul_(s));
  }

  /** True division: of integers too it gives F32. */
  default Tensor div(Tensor other) {
    return Native.binary("div", this, other, (x, y) -> x.div(y));
  }

  default Tensor div(double other) {
    return Native.withScalar("div", this, other, (x, s) -> x.div(s));
  }

  default Tensor divInPlace(Tensor other) {
    return Native.change("div", this, other, (x, y) -> x.div_(y));
  }

  default Tensor divInPlace(double other) {
    return Native.changeBy("div", this, other, (x, s) -> x.div_(s));
  }

  default Tensor floorDivide(Tensor other) {
    return Native.binary("floorDivide", this, other, (x, y) -> x.floor_divide(y));
  }

  default Tensor floorDivide(double other) {
    return Native.withScalar("floorDivide", this, other, (x, s) -> x.floor_divide(s));
  }

  /** Of the divisor's sign. */
  default Tensor remainder(Tensor other) {
    return Native.binary("remainder", this, other, (x, y) -> x.remainder(y));
  }

  default Tensor remainder(double other) {
    return Native.withScalar("remainder", this, other, (x, s) -> x.remainder(s));
  }

  default Tensor pow(Tensor exponent) {
    return Native.binary("pow", this, exponent, (x, y) -> x.pow(y));
  }

  default Tensor pow(double exponent) {
    return Native.withScalar("pow", this, exponent, (x, s) -> x.pow(s));
  }

  /** {@code this + value · a · b}. */
  default Tensor addcmul(Tensor a, Tensor b, double value) {
    return Native.of(
        "addcmul",
        () -> Native.n(this).addcmul(a.n, b.n, Native.scalar(value)),
        (Tensor) this,
        a,
        b);
  }

  default Tensor addcmulInPlace(Tensor a, Tensor b, double value) {
    return Native.change("addcmul", this, a, (x, y) -> x.addcmul_(y, b.n, Native.scalar(value)));
  }

  /** {@code this + value · a / b}. */
  default Tensor addcdiv(Tensor a, Tensor b, double value) {
    return Native.of(
        "addcdiv",
        () -> Native.n(this).addcdiv(a.n, b.n, Native.scalar(value)),
        (Tensor) this,
        a,
        b);
  }

  default Tensor addcdivInPlace(Tensor a, Tensor b, double value) {
    return Native.change("addcdiv", this, a, (x, y) -> x.addcdiv_(y, b.n, Native.scalar(value)));
  }

  /** {@code this + weight · (end − this)}. */
  default Tensor lerp(Tensor end, double weight) {
    return Native.binary("lerp", this, end, (x, y) -> x.lerp(y, Native.scalar(weight)));
  }

  default Tensor lerpInPlace(Tensor end, double weight) {
    return Native.change("lerp", this, end, (x, y) -> x.lerp_(y, Native.scalar(weight)));
  }

  default Tensor maximum(Tensor other) {
    return Native.binary("maximum", this, other, (x, y) -> x.maximum(y));
  }

  default Tensor minimum(Tensor other) {
    return Native.binary("minimum", this, other, (x, y) -> x.minimum(y));
  }

  default Tensor clamp(double min, double max) {
    return clampMin(min).clampMax(max);
  }

  default Tensor clampMin(double min) {
    return Native.withScalar("clampMin", this, min, (x, s) -> x.clamp_min(s));
  }

  default Tensor clampMax(double max) {
    return Native.withScalar("clampMax", this, max, (x, s) -> x.clamp_max(s));
  }

  default Tensor clampInPlace(double min, double max) {
    Native.changeBy("clampMin", this, min, (x, s) -> x.clamp_min_(s));
    return Native.changeBy("clampMax", this, max, (x, s) -> x.clamp_max_(s));
  }

  // Functions of one number

  default Tensor neg() {
    return Native.unary("neg", this, x -> x.neg());
  }

  default Tensor abs() {
    return Native.unary("abs", this, x -> x.abs());
  }

  default Tensor sign() {
    return Native.unary("sign", this, x -> x.sign());
  }

  default Tensor exp() {
    return Native.unary("exp", this, x -> x.exp());
  }

  default Tensor expm1() {
    return Native.unary("expm1", this, x -> x.expm1());
  }

  default Tensor log() {
    return Native.unary("log", this, x -> x.log());
  }

  default Tensor log1p() {
    return Native.unary("log1p", this, x -> x.log1p());
  }

  default Tensor log2() {
    return Native.unary("log2", this, x -> x.log2());
  }

  default Tensor sqrt() {
    return Native.unary("sqrt", this, x -> x.sqrt());
  }

  default Tensor sqrtInPlace() {
    return Native.change("sqrt", this, x -> x.sqrt_());
  }

  default Tensor rsqrt() {
    return Native.unary("rsqrt", this, x -> x.rsqrt());
  }

  default Tensor square() {
    return Native.unary("square", this, x -> x.square());
  }

  default Tensor reciprocal() {
    return Native.unary("reciprocal", this, x -> x.reciprocal());
  }

  default Tensor sin() {
    return Native.unary("sin", this, x -> x.sin());
  }

  default Tensor cos() {
    return Native.unary("cos", this, x -> x.cos());
  }

  default Tensor tanh() {
    return Native.unary("tanh", this, x -> x.tanh());
  }

  default Tensor erf() {
    return Native.unary("erf", this, x -> x.erf());
  }

  default Tensor sigmoid() {
    return Native.unary("sigmoid", this, x -> x.sigmoid());
  }

  default Tensor logSigmoid() {
    return Native.unary("logSigmoid", this, x -> torch.log_sigmoid(x));
  }

  default Tensor relu() {
    return Native.unary("relu", this, x -> x.relu());
  }

  default Tensor reluInPlace() {
    return Native.change("relu", this, x -> x.relu_());
  }

  default Tensor leakyRelu(double slope) {
    return Native.withScalar("leakyRelu", this, slope, (x, s) -> torch.leaky_relu(x, s));
  }

  /** By the error function. */
  default Tensor gelu() {
    return Native.unary("gelu", this, x -> torch.gelu(x));
  }

  /** By the approximation with tanh, as in GPT-2. */
  default Tensor geluTanh() {
    return Native.unary("geluTanh", this, x -> torch.gelu(x, "tanh"));
  }

  default Tensor silu() {
    return Native.unary("silu", this, x -> torch.silu(x));
  }

  default Tensor softplus() {
    return Native.unary("softplus", this, x -> torch.softplus(x));
  }

  default Tensor elu() {
    return Native.unary("elu", this, x -> torch.elu(x));
  }

  default Tensor floor() {
    return Native.unary("floor", this, x -> x.floor());
  }

  default Tensor ceil() {
    return Native.unary("ceil", this, x -> x.ceil());
  }

  /** Halves go to the even neighbour. */
  default Tensor round() {
    return Native.unary("round", this, x -> x.round());
  }

  default Tensor nanToNum() {
    return Native.unary("nanToNum", this, x -> x.nan_to_num());
  }

  // Comparisons, each to a tensor of BOOL

  default Tensor eq(Tensor other) {
    return Native.binary("eq", this, other, (x, y) -> x.eq(y));
  }

  default Tensor eq(double other) {
    return Native.withScalar("eq", this, other, (x, s) -> x.eq(s));
  }

  default Tensor ne(Tensor other) {
    return Native.binary("ne", this, other, (x, y) -> x.ne(y));
  }

  default Tensor ne(double other) {
    return Native.withScalar("ne", this, other, (x, s) -> x.ne(s));
  }

  default Tensor lt(Tensor other) {
    return Native.binary("lt", this, other, (x, y) -> x.lt(y));
  }

  default Tensor lt(double other) {
    return Native.withScalar("lt", this, other, (x, s) -> x.lt(s));
  }

  default Tensor le(Tensor other) {
    return Native.binary("le", this, other, (x, y) -> x.le(y));
  }

  default Tensor le(double other) {
    return Native.withScalar("le", this, other, (x, s) -> x.le(s));
  }

  default Tensor gt(Tensor other) {
    return Native.binary("gt", this, other, (x, y) -> x.gt(y));
  }

  default Tensor gt(double other) {
    return Native.withScalar("gt", this, other, (x, s) -> x.gt(s));
  }

  default Tensor ge(Tensor other) {
    return Native.binary("ge", this, other, (x, y) -> x.ge(y));
  }

  default Tensor ge(double other) {
    return Native.withScalar("ge", this, other, (x, s) -> x.ge(s));
  }

  default Tensor isNaN() {
    return Native.unary("isNaN", this, x -> x.isnan());
  }

  default Tensor isFinite() {
    return Native.unary("isFinite", this, x -> x.isfinite());
  }

  default Tensor logicalNot() {
    return Native.unary("logicalNot", this, x -> x.logical_not());
  }

  default Tensor logicalAnd(Tensor other) {
    return Native.binary("logicalAnd", this, other, (x, y) -> x.logical_and(y));
  }

  default Tensor logicalOr(Tensor other) {
    return Native.binary("logicalOr", this, other, (x, y) -> x.logical_or(y));
  }

  // Writing

  default Tensor fillInPlace(double value) {
    return Native.changeBy("fill", this, value, (x, s) -> x.fill_(s));
  }

  default Tensor zeroInPlace() {
    return Native.change("zero", this, x -> x.zero_());
  }
}
