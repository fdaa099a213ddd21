package io.otium.lm.format;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** Where a file's tensors lie: each inside the file, none on top of another. */
final class TensorRanges {
  private record Range(String name, long begin, long end) {}

  private final Path path;
  private final long dataStart;
  private final long fileBytes;
  private final List<Range> ranges = new ArrayList<>();

  TensorRanges(Path path, long dataStart, long fileBytes) {
    this.path = path;
    this.dataStart = dataStart;
    this.fileBytes = fileBytes;
  }

  /** Bytes of a tensor, or a fault if the shape is absurd. */
  long bytes(String name, TensorType type, long[] shape) throws FormatException {
    try {
      return type.bytes(TensorData.elements(shape));
    } catch (ArithmeticException | IllegalArgumentException e) {
      throw new FormatException(
          path,
          "tensor '%s' has the impossible shape %s for %s"
              .formatted(name, Arrays.toString(shape), type),
          e);
    }
  }

  /** Notes the range and returns where it begins in the file. */
  long claim(String name, long offset, long bytes) throws FormatException {
    long room = fileBytes - dataStart;
    if (offset < 0 || bytes > room || offset > room - bytes) {
      throw new FormatException(
          path,
          "tensor '%s' takes %d bytes from offset %s on; the file holds %d bytes of data"
              .formatted(name, bytes, Long.toUnsignedString(offset), Math.max(0, room)));
    }
    long begin = dataStart + offset;
    ranges.add(new Range(name, begin, begin + bytes));
    return begin;
  }

  void checkNoOverlap() throws FormatException {
    ranges.sort(Comparator.comparingLong(Range::begin).thenComparingLong(Range::end));
    for (int i = 1; i < ranges.size(); i++) {
      Range before = ranges.get(i - 1);
      Range next = ranges.get(i);
      if (next.begin < before.end) {
        throw new FormatException(
            path,
            "tensors '%s' and '%s' overlap; each needs bytes of its own"
                .formatted(before.name, next.name));
      }
    }
  }

  /** For formats that allow no byte between tensors or after the last; call after the other. */
  void checkNoHoles() throws FormatException {
    long end = dataStart;
    for (Range range : ranges) {
      if (range.begin != end) break;
      end = range.end;
    }
    if (end != fileBytes) {
      throw new FormatException(
          path,
          "no tensor claims the bytes from %d on, though the file has %d; all must be used"
              .formatted(end, fileBytes));
    }
  }
}
