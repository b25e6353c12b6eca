package io.kubeshark.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What sysfs says about a network interface of the calling thread's namespace (Documentation/ABI/testing/sysfs-class-net).
 *
 * @param index the kernel's
 * @param hardwareType ARPHRD_ number (linux/if_arp.h), -1: not known
 * @param type DEVTYPE of its uevent: "bridge", "vlan", "vxlan", …; "" for veth, hardware, and where sysfs shows another namespace
 * @param physical there is a device behind it (PCI, virtio)
 * @param enslaved it is a port of a bridge or bond
 */
public record NetworkDevice(String name, int index, int hardwareType, String type, boolean physical, boolean enslaved) {
  public static final Path SYSFS = Path.of("/sys/class/net");
  private static final int ARPHRD_LOOPBACK = 772;
  private static final int ARPHRD_TUNNEL = 768;
  private static final int ARPHRD_TUNNEL6 = 769;
  private static final int ARPHRD_SIT = 776;
  private static final int ARPHRD_IPGRE = 778;
  private static final int ARPHRD_IP6GRE = 823;
  private static final int ARPHRD_NONE = 0xfffe; // wireguard, tun

  public boolean loopback() {
    return hardwareType == ARPHRD_LOOPBACK;
  }

  public boolean bridge() {
    return type.equals("bridge");
  }

  /** Wraps packets into others: what goes in comes out at another machine. */
  public boolean tunnel() {
    return switch (hardwareType) {
      case ARPHRD_TUNNEL, ARPHRD_TUNNEL6, ARPHRD_SIT, ARPHRD_IPGRE, ARPHRD_IP6GRE, ARPHRD_NONE -> true;
      default -> type.equals("vxlan") || type.equals("geneve") || type.equals("wireguard");
    };
  }

  /** @param sysfs {@link #SYSFS}; interfaces that it does not show are listed with what is known: name and index */
  public static List<NetworkDevice> all(Path sysfs) throws SystemCallException {
    List<NetworkDevice> devices = new ArrayList<>();
    InterfaceList.indexByName().forEach((name, index) -> devices.add(read(sysfs.resolve(name), name, index)));
    return devices;
  }

  static NetworkDevice read(Path directory, String name, int index) {
    // The same name in another namespace is another interface.
    if (number(directory.resolve("ifindex")) != index) return new NetworkDevice(name, index, name.equals("lo") ? ARPHRD_LOOPBACK : -1, "", false, false);
    String type = Files.isDirectory(directory.resolve("bridge")) ? "bridge" : deviceType(directory.resolve("uevent"));
    return new NetworkDevice(name, index, number(directory.resolve("type")), type, Files.exists(directory.resolve("device")),
        Files.exists(directory.resolve("master")));
  }

  private static int number(Path file) {
    try {
      return Integer.parseInt(Files.readString(file, StandardCharsets.US_ASCII).strip());
    } catch (IOException | NumberFormatException e) {
      return -1; // gone meanwhile
    }
  }

  private static String deviceType(Path uevent) {
    try {
      for (String line : Files.readAllLines(uevent, StandardCharsets.ISO_8859_1)) if (line.startsWith("DEVTYPE=")) return line.substring(8);
    } catch (IOException e) {
      // Gone meanwhile.
    }
    return "";
  }
}
