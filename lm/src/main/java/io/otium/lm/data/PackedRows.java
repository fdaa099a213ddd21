package io.otium.lm.data;

import io.otium.core.data.BatchSource;
import io.otium.core.data.Cursor;
import io.otium.core.data.DataException;
import io.otium.core.data.Order;
import io.otium.core.data.SplitMix64;
import java.util.ArrayList;
import java.util.List;

/**
 * Batches of rows that documents are packed into without padding (Krell et al., 2021): several
 * short documents share a row, each a sequence of its own. An epoch's rows are a function of the
 * seed and the epoch, so a {@link Cursor} of epoch and row is all that resuming takes.
 */
public final class PackedRows implements BatchSource<TokenBatch> {
  private final TokenDocuments documents;
  private final Order order;
  private final PackingOptions options;
  private final int rowsPerBatch;
  private final long seed;

  private int epoch;
  private int row;
  private PackingPlan plan;

  /**
   * @param order of the documents
   * @param rowsPerBatch rows of a batch; an epoch's last batch may have fewer
   * @param seed of the order of rows
   * @throws DataException if no row can be made
   */
  public PackedRows(
      TokenDocuments documents, Order order, PackingOptions options, int rowsPerBatch, long seed) {
    if (rowsPerBatch < 1) {
      throw new IllegalArgumentException("a batch has at least 1 row, not " + rowsPerBatch);
    }
    this.documents = documents;
    this.order = order;
    this.options = options;
    this.rowsPerBatch = rowsPerBatch;
    this.seed = seed;
    this.plan = plan(0);
    if (plan.rows() == 0) {
      throw new DataException(
          "none of %d documents can be trained on: in rows of %d tokens, nothing to learn is left"
              .formatted(documents.size(), options.rowLength()));
    }
  }

  private PackingPlan plan(int epoch) {
    return new PackingPlan(
        documents, order.epoch(epoch), options, SplitMix64.of(seed, "rows", epoch));
  }

  @Override
  public TokenBatch next() {
    return TokenBatch.join(nextRows());
  }

  /** The next batch row by row, for micro-batches, or for processes that share it. */
  public List<TokenBatch> nextRows() {
    if (row >= plan.rows()) {
      epoch++;
      row = 0;
      plan = plan(epoch);
    }
    List<TokenBatch> rows = new ArrayList<>(rowsPerBatch);
    for (; row < plan.rows() && rows.size() < rowsPerBatch; row++) {
      List<int[]> sequences = new ArrayList<>();
      for (int piece = 0; piece < plan.pieces(row); piece++) {
        sequences.add(plan.read(documents, row, piece));
      }
      rows.add(TokenBatch.of(sequences));
    }
    return rows;
  }

  @Override
  public Cursor cursor() {
    return row >= plan.rows() ? new Cursor(epoch + 1, 0) : new Cursor(epoch, row);
  }

  @Override
  public void seek(Cursor cursor) {
    PackingPlan wanted = cursor.epoch() == epoch ? plan : plan(cursor.epoch());
    if (cursor.position() > wanted.rows()) {
      throw new IllegalArgumentException(
          "epoch %d has %d rows, so none at %d; the data is not what it was"
              .formatted(cursor.epoch(), wanted.rows(), cursor.position()));
    }
    plan = wanted;
    epoch = cursor.epoch();
    row = cursor.position();
  }

  @Override
  public int batches(int epoch) {
    return Math.ceilDiv((epoch == this.epoch ? plan : plan(epoch)).rows(), rowsPerBatch);
  }

  /** Documents of the current epoch of which a part is left out. */
  public int truncated() {
    return plan.truncated();
  }

  /** Documents of the current epoch that are left out: see {@link PackingOptions.TooLong}. */
  public int dropped() {
    return plan.dropped();
  }
}
