package io.kubeshark.kube;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which services have an address behind them, and which addresses are behind a service. Under the cluster table's lock. */
final class EndpointIndex {
  /** Objects (slices) kept; more are shed. */
  private static final int OBJECTS_MAX = 50_000;

  /** An endpoint seen from its address. */
  record Backend(Endpoints of, Endpoints.Endpoint endpoint, Address address) {
    String service() {
      return of.namespace() + '/' + of.service();
    }
  }

  private record Held(Endpoints object, List<Backend> backends) {}

  private final Map<String, Held> objects = new HashMap<>();
  private final Map<Address, List<Backend>> byAddress = new HashMap<>();
  private final Map<String, Set<String>> objectsOfService = new HashMap<>();
  long shed;

  boolean has(Endpoints object) {
    Held held = objects.get(object.key());
    return held != null && held.object.equals(object);
  }

  /** @return the addresses for which something changed */
  Set<Address> put(Endpoints object) {
    Set<Address> changed = remove(object.key());
    if (objects.size() >= OBJECTS_MAX) {
      shed++;
      return changed;
    }
    List<Backend> backends = new ArrayList<>(object.endpoints().size());
    for (Endpoints.Endpoint endpoint : object.endpoints()) {
      Address address = Address.parse(endpoint.ip());
      if (address == null) continue;
      Backend backend = new Backend(object, endpoint, address);
      backends.add(backend);
      byAddress.computeIfAbsent(address, _ -> new ArrayList<>(1)).add(backend);
      changed.add(address);
    }
    objects.put(object.key(), new Held(object, backends));
    objectsOfService.computeIfAbsent(object.namespace() + '/' + object.service(), _ -> new LinkedHashSet<>()).add(object.key());
    return changed;
  }

  Set<Address> remove(String key) {
    Set<Address> changed = new LinkedHashSet<>();
    Held old = objects.remove(key);
    if (old == null) return changed;
    String service = old.object.namespace() + '/' + old.object.service();
    objectsOfService.computeIfPresent(service, (_, keys) -> keys.remove(key) && keys.isEmpty() ? null : keys);
    for (Backend gone : old.backends) {
      byAddress.computeIfPresent(gone.address, (_, backends) -> backends.remove(gone) && backends.isEmpty() ? null : backends);
      changed.add(gone.address);
    }
    return changed;
  }

  /** The services' backends at this address; where a port belongs to several services, the one that people mean comes first. */
  List<Backend> at(Address address, Map<String, Service> services) {
    List<Backend> backends = byAddress.get(address);
    if (backends == null || backends.size() < 2) return backends == null ? List.of() : backends;
    List<Backend> sorted = new ArrayList<>(backends);
    sorted.sort(Comparator.comparing((Backend backend) -> headless(services.get(backend.service())))
        .thenComparing(backend -> !backend.endpoint.ready()).thenComparing(Backend::service));
    return sorted;
  }

  private static boolean headless(Service service) {
    return service == null || service.headless();
  }

  /** Behind the service, through all its objects. */
  List<Backend> of(String service) {
    List<Backend> found = new ArrayList<>();
    for (String key : objectsOfService.getOrDefault(service, Set.of())) found.addAll(objects.get(key).backends);
    return found;
  }
}
