package io.kubeshark.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;

/** The network interfaces of the calling thread's namespace (/sys/class/net shows those of whoever mounted it). */
public final class InterfaceList {
  private static final int INTERFACES_MAX = 1 << 16;
  private static final int ENTRY_BYTES = 16; // struct if_nameindex: unsigned index, char *name
  private static final int NAME_BYTES_MAX = 16; // IFNAMSIZ

  private InterfaceList() {}

  /** Kernel index by name, in the kernel's order. */
  public static Map<String, Integer> indexByName() throws SystemCallException {
    try {
      MemorySegment list = (MemorySegment) Libc.IF_NAMEINDEX.invokeExact(Libc.errnoSlot());
      if (list.address() == 0) throw new SystemCallException("if_nameindex", "the list of network interfaces", Libc.errno());
      try {
        return read(list.reinterpret((long) INTERFACES_MAX * ENTRY_BYTES));
      } finally {
        Libc.IF_FREENAMEINDEX.invokeExact(Libc.errnoSlot(), list);
      }
    } catch (SystemCallException e) {
      throw e;
    } catch (Throwable e) {
      throw Libc.unexpected(e);
    }
  }

  private static Map<String, Integer> read(MemorySegment list) {
    Map<String, Integer> interfaces = new LinkedHashMap<>();
    for (int i = 0; i < INTERFACES_MAX; i++) {
      int index = list.get(JAVA_INT, (long) i * ENTRY_BYTES);
      if (index == 0) break;
      interfaces.put(list.get(ADDRESS, (long) i * ENTRY_BYTES + 8).reinterpret(NAME_BYTES_MAX).getString(0), index);
    }
    return interfaces;
  }
}
