package io.kubeshark.capture;

import java.io.IOException;

/** A capture file that is cut, damaged or of another kind. Whatever came before the fault was handed over. */
public final class PcapFormatException extends IOException {
  private final String file;
  private final long byteOffset;

  /**
   * @param byteOffset where in the file (in the decompressed stream, if it is compressed) the faulty record begins
   * @param problem what is there and what was expected
   * @param remedy what to do, a sentence
   */
  PcapFormatException(String file, long byteOffset, String problem, String remedy) {
    super(file + ", byte " + byteOffset + ": " + problem + ". " + remedy);
    this.file = file;
    this.byteOffset = byteOffset;
  }

  public String file() {
    return file;
  }

  public long byteOffset() {
    return byteOffset;
  }
}
