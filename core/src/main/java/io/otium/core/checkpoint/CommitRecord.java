package io.otium.core.checkpoint;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A checkpoint is whole when this record of it is: the files of all ranks, which were on disk
 * before it.
 *
 * @param created when, as ISO-8601
 * @param shards by rank
 */
record CommitRecord(long version, String created, List<ShardRecord> shards) {
  private static final ObjectMapper JSON = new ObjectMapper();

  CommitRecord {
    shards = List.copyOf(shards);
  }

  String toJson() {
    return json(this);
  }

  static String json(Object record) {
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(record) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * @throws CheckpointException if the record is broken
   */
  static CommitRecord read(Path file) {
    try {
      CommitRecord record = JSON.readValue(Files.readString(file), CommitRecord.class);
      if (record.shards.isEmpty()) {
        throw new CheckpointException(file + " names no files");
      }
      return record;
    } catch (IOException | NullPointerException e) {
      String line = CheckpointException.reason(e).lines().findFirst().orElse("");
      throw new CheckpointException(file + " is no commit record: " + line, e);
    }
  }

  /** Every file that it needs. */
  List<FileRecord> files() {
    List<FileRecord> files = new ArrayList<>();
    for (ShardRecord shard : shards) {
      files.add(shard.state());
      if (shard.frozen() != null) {
        files.add(shard.frozen());
      }
    }
    return files;
  }

  /** Keys of tensors with NaN or infinity, of all ranks. */
  @JsonIgnore
  List<String> nonFinite() {
    return shards.stream().flatMap(shard -> shard.nonFinite().stream()).distinct().toList();
  }

  long bytes() {
    return files().stream().mapToLong(FileRecord::length).sum();
  }
}
