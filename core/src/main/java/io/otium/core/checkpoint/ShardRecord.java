package io.otium.core.checkpoint;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one rank wrote of a checkpoint.
 *
 * @param frozen the file of its tensors that never change; null if it has none
 * @param nonFinite keys of tensors that hold NaN or infinity
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record ShardRecord(FileRecord state, @Nullable FileRecord frozen, List<String> nonFinite) {
  ShardRecord {
    nonFinite = List.copyOf(nonFinite);
  }
}
