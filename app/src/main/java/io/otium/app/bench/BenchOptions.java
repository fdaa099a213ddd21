package io.otium.app.bench;

import io.otium.core.options.Doc;
import io.otium.core.options.Range;
import java.util.List;

/** How a benchmark is run. */
public record BenchOptions(
    @Doc(
            "prefill and memory: tokens of the prompt; decode and serve: tokens of the answer;"
                + " fidelity: tokens scored; empty takes the workload's own")
        @Range(min = 1, max = 1_000_000)
        List<Integer> tokens,
    @Doc("decode: tokens that stand before the answer") @Range(min = 1, max = 1_000_000)
        List<Integer> after,
    @Doc("serve: streams at the same time") @Range(min = 1, max = 64) int streams,
    @Doc("precisions of Otium's weights; empty takes the workload's own") List<String> weights,
    @Doc("threads of every system; 0 takes one for each core") @Range(min = 0, max = 1024)
        int threads,
    @Doc("times that every system is measured, in turn; medians are printed")
        @Range(min = 1, max = 100)
        int rounds,
    @Doc("peers to measure, such as llama.cpp; empty takes all, 'none' takes none")
        List<String> against,
    @Doc("folder of the peers; empty takes $OTIUM_PEERS, else peers in $OTIUM_HOME") String peers,
    @Doc("fidelity: a file of running text; empty takes wiki-sentences of the data catalogue")
        String text,
    @Doc("train: what to measure, of full, lora, chats, small and curve; empty takes all")
        List<String> only,
    @Doc("small sizes and two rounds, to see that it runs") boolean quick) {

  public BenchOptions {
    tokens = List.copyOf(tokens);
    after = List.copyOf(after);
    weights = List.copyOf(weights);
    against = List.copyOf(against);
    only = List.copyOf(only);
  }

  public static BenchOptions defaults() {
    return new BenchOptions(
        List.of(), List.of(), 8, List.of(), 0, 5, List.of(), "", "", List.of(), false);
  }

  /** Rounds to run: few where only a look is wanted. */
  int effectiveRounds() {
    return quick ? Math.min(2, rounds) : rounds;
  }

  int effectiveThreads() {
    return threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
  }
}
