package io.otium.lm.engine;

import io.otium.lm.engine.kernel.KvPages;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whole pages that finished prompts and answers left behind, as a tree: a node is a page's worth of
 * tokens after those of its parent. A request that begins alike takes the pages over instead of
 * computing them. The least recently used leaves go first when pages run short.
 */
final class PrefixCache {
  /** The tokens of a page, as a key. */
  private record Block(int[] tokens) {
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Block(int[] others) && Arrays.equals(tokens, others);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(tokens);
    }
  }

  private static final class Node {
    final @Nullable Node parent;
    final Block block;
    final int[] pages;
    final Map<Block, Node> children = new HashMap<>();
    long used;

    Node(@Nullable Node parent, Block block, int[] pages) {
      this.parent = parent;
      this.block = block;
      this.pages = pages;
    }
  }

  private final PagePool pool;
  private final Node root = new Node(null, new Block(new int[0]), new int[0]);
  private long clock;
  private int nodes;

  PrefixCache(PagePool pool) {
    this.pool = pool;
  }

  /** Where texts begin that were read with an adapter; null if none was. */
  private @Nullable Node start(@Nullable AdapterWeights adapter) {
    return adapter == null ? root : root.children.get(block(adapter));
  }

  /** In place of tokens: what is cached with an adapter is of no use without it. */
  private static Block block(AdapterWeights adapter) {
    return new Block(new int[] {-adapter.number()});
  }

  private Node child(Node parent, Block block, int[] pages) {
    nodes++;
    return new Node(parent, block, pages);
  }

  /** Tokens of the prompt's start that {@link #adopt} would find; never the whole prompt. */
  int match(@Nullable AdapterWeights adapter, int[] prompt) {
    Node node = start(adapter);
    if (node == null) return 0;
    int at = 0;
    while (at + KvPages.SLOTS < prompt.length) {
      Node next = node.children.get(block(prompt, at));
      if (next == null) break;
      node = next;
      at += KvPages.SLOTS;
    }
    return at;
  }

  /**
   * Begins a sequence's cache with what is known of its prompt; returns how many tokens that is.
   */
  int adopt(@Nullable AdapterWeights adapter, int[] prompt, SequenceCache cache) {
    int known = match(adapter, prompt);
    if (known == 0) return 0;
    int[][] pages = new int[cache.layers()][known / KvPages.SLOTS];
    Node node = start(adapter);
    for (int at = 0; at < known; at += KvPages.SLOTS) {
      if (node != null) node = node.children.get(block(prompt, at));
      if (node == null) throw new IllegalStateException("the tree changed between match and adopt");
      node.used = ++clock;
      for (int layer = 0; layer < pages.length; layer++)
        pages[layer][at / KvPages.SLOTS] = node.pages[layer];
    }
    cache.adopt(pages);
    return known;
  }

  /** Remembers the whole pages of a sequence whose first tokens these are. */
  void publish(@Nullable AdapterWeights adapter, int[] tokens, int count, SequenceCache cache) {
    int whole = Math.min(count, cache.slots(0)) / KvPages.SLOTS * KvPages.SLOTS;
    if (whole == 0) return;
    Node node = root;
    if (adapter != null) {
      node = root.children.computeIfAbsent(block(adapter), own -> child(root, own, new int[0]));
      node.used = ++clock;
    }
    for (int at = 0; at < whole; at += KvPages.SLOTS) {
      Block block = block(tokens, at);
      Node next = node.children.get(block);
      if (next == null) {
        int[] pages = new int[cache.layers()];
        for (int layer = 0; layer < pages.length; layer++) {
          pages[layer] = cache.page(layer, at);
          pool.share(pages[layer]);
        }
        next = child(node, block, pages);
        node.children.put(block, next);
      }
      next.used = ++clock;
      node = next;
    }
  }

  /** Gives pages back, least recently used first, until so many are free or nothing is left. */
  void makeRoom(int freePages) {
    while (pool.freePages() < freePages && nodes > 0) {
      Node oldest = null;
      for (Node leaf = root, next; ; leaf = next) {
        next = null;
        for (Node child : leaf.children.values())
          if (next == null || child.used < next.used) next = child;
        if (next == null) {
          oldest = leaf;
          break;
        }
      }
      drop(oldest);
    }
  }

  private void drop(Node leaf) {
    for (int page : leaf.pages) pool.release(page);
    if (leaf.parent != null) leaf.parent.children.remove(leaf.block);
    nodes--;
  }

  private static Block block(int[] tokens, int at) {
    return new Block(Arrays.copyOfRange(tokens, at, at + KvPages.SLOTS));
  }
}
