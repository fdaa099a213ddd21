package io.otium.lm.data;

import io.otium.lm.text.ChatMessage;
import io.otium.lm.text.ChatTemplate;
import io.otium.lm.text.ModelText;
import java.util.Arrays;
import java.util.List;

/**
 * Sequences packed one behind the other, without padding. Attention stays within a sequence, and
 * positions begin anew with each.
 *
 * @param tokens {@code [tokens]}, ids
 * @param positions {@code [tokens]}, of each token in its sequence, from 0
 * @param starts {@code [sequences + 1]}, where each sequence begins; the last entry is the end
 * @param targets {@code [tokens]}, what each token should be followed by: the id of the sequence's
 *     next token, or {@link #IGNORED} where that is not learnt or the sequence ends
 */
public record TokenBatch(int[] tokens, int[] positions, int[] starts, int[] targets) {
  /** The target of a token after which nothing is learnt; PyTorch's own {@code ignore_index}. */
  public static final int IGNORED = -100;

  public TokenBatch {
    if (positions.length != tokens.length
        || targets.length != tokens.length
        || starts.length == 0
        || starts[0] != 0
        || starts[starts.length - 1] != tokens.length) {
      throw new IllegalArgumentException(
          "a batch of %d tokens has %d positions, %d targets and starts %s"
              .formatted(tokens.length, positions.length, targets.length, Arrays.toString(starts)));
    }
  }

  public int sequences() {
    return starts.length - 1;
  }

  /** Targets that are learnt: what a mean loss divides by. */
  public int learned() {
    int count = 0;
    for (int target : targets) {
      count += target == IGNORED ? 0 : 1;
    }
    return count;
  }

  /** Tokens of the longest sequence. */
  public int longest() {
    int longest = 0;
    for (int i = 0; i < sequences(); i++) {
      longest = Math.max(longest, starts[i + 1] - starts[i]);
    }
    return longest;
  }

  /**
   * Sequences as they are kept.
   *
   * @param sequences labelled ids, see {@link TokenDocuments#read}
   */
  public static TokenBatch of(List<int[]> sequences) {
    int total = sequences.stream().mapToInt(sequence -> sequence.length).sum();
    int[] tokens = new int[total];
    int[] positions = new int[total];
    int[] targets = new int[total];
    int[] starts = new int[sequences.size() + 1];
    int at = 0;
    for (int s = 0; s < sequences.size(); s++) {
      int[] sequence = sequences.get(s);
      for (int i = 0; i < sequence.length; i++, at++) {
        tokens[at] = sequence[i] < 0 ? ~sequence[i] : sequence[i];
        positions[at] = i;
        boolean learned = i + 1 < sequence.length && sequence[i + 1] >= 0;
        targets[at] = learned ? sequence[i + 1] : IGNORED;
      }
      starts[s + 1] = at;
    }
    return new TokenBatch(tokens, positions, starts, targets);
  }

  /**
   * Chats in a model's own template, of which the assistant's words are learnt.
   *
   * @throws IllegalArgumentException if the model has no template, or it refuses a chat
   */
  public static TokenBatch ofChats(ModelText text, List<List<ChatMessage>> chats) {
    ChatTemplate template = text.chatTemplate();
    if (template == null) throw new IllegalArgumentException("the model has no chat template");
    return of(
        chats.stream()
            .map(chat -> ChatEncoding.encode(text.tokenizer(), template, chat))
            .map(
                labelled -> {
                  int[] ids = labelled.tokens().clone();
                  for (int i = 0; i < ids.length; i++) if (!labelled.learned()[i]) ids[i] = ~ids[i];
                  return ids;
                })
            .toList());
  }

  /** Batches one behind the other. */
  public static TokenBatch join(List<TokenBatch> batches) {
    int total = batches.stream().mapToInt(batch -> batch.tokens.length).sum();
    int sequences = batches.stream().mapToInt(TokenBatch::sequences).sum();
    int[] tokens = new int[total];
    int[] positions = new int[total];
    int[] targets = new int[total];
    int[] starts = new int[sequences + 1];
    int at = 0;
    int s = 0;
    for (TokenBatch batch : batches) {
      System.arraycopy(batch.tokens, 0, tokens, at, batch.tokens.length);
      System.arraycopy(batch.positions, 0, positions, at, batch.tokens.length);
      System.arraycopy(batch.targets, 0, targets, at, batch.tokens.length);
      for (int i = 1; i < batch.starts.length; i++) {
        starts[++s] = at + batch.starts[i];
      }
      at += batch.tokens.length;
    }
    return new TokenBatch(tokens, positions, starts, targets);
  }
}
