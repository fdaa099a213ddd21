/**
 * Benchmarks: Otium and its peers on the same weights, in one run, in turn. A {@link
 * io.otium.app.bench.Workload} says what is measured, a {@link io.otium.app.bench.Contestant}
 * enters its {@link io.otium.app.bench.Arm}s for it, {@link io.otium.app.bench.Contest} runs them
 * and {@link io.otium.app.bench.BenchReport} says what came of it. {@link
 * io.otium.app.bench.PeersFolder} knows where peers are; nothing else looks for them.
 */
@org.jspecify.annotations.NullMarked
package io.otium.app.bench;
