package io.otium.core.checkpoint;

import java.util.Map;

/**
 * What a file holds beside its tensors' bytes.
 *
 * @param header the 8 + H bytes that begin it
 * @param lean the bytes that end it
 * @param tensorBytes the bytes between
 */
record EncodedState(byte[] header, byte[] lean, long tensorBytes) {

  static EncodedState of(Map<String, StateTensor> tensors, Map<String, Object> lean) {
    byte[] tail = LeanState.encode(lean);
    FileHeader header = FileHeader.of(tensors, tail.length);
    return new EncodedState(header.toBytes(), tail, header.leanBegin());
  }

  long length() {
    return header.length + tensorBytes + lean.length;
  }
}
