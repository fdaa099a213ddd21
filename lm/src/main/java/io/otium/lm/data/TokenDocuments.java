package io.otium.lm.data;

import java.util.List;

/** Tokenised documents by position, each token with whether it is learnt. */
public interface TokenDocuments {
  int size();

  /** Tokens of a document. */
  int length(int document);

  /**
   * A part of a document.
   *
   * @return {@code [count]}: the id of a token to learn, or the complement {@code ~id} of another's
   */
  int[] read(int document, int from, int count);

  /** One after the other, as {@link io.otium.core.data.Mixture} counts. */
  static TokenDocuments concat(List<? extends TokenDocuments> parts) {
    int[] starts = new int[parts.size() + 1];
    for (int i = 0; i < parts.size(); i++) {
      starts[i + 1] = Math.addExact(starts[i], parts.get(i).size());
    }
    return new TokenDocuments() {
      private int part(int document) {
        int part = 0;
        while (document >= starts[part + 1]) {
          part++;
        }
        return part;
      }

      @Override
      public int size() {
        return starts[parts.size()];
      }

      @Override
      public int length(int document) {
        int part = part(document);
        return parts.get(part).length(document - starts[part]);
      }

      @Override
      public int[] read(int document, int from, int count) {
        int part = part(document);
        return parts.get(part).read(document - starts[part], from, count);
      }
    };
  }

  /** The documents at these positions, such as a split's. */
  default TokenDocuments select(int[] documents) {
    int[] kept = documents.clone();
    TokenDocuments all = this;
    return new TokenDocuments() {
      @Override
      public int size() {
        return kept.length;
      }

      @Override
      public int length(int document) {
        return all.length(kept[document]);
      }

      @Override
      public int[] read(int document, int from, int count) {
        return all.read(kept[document], from, count);
      }
    };
  }
}
