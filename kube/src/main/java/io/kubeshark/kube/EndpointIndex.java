package io.kubeshark.kube;

import java.util.ArrayList;
import java.util.Collection;
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
  record Backend(Endpoints of, Endpoints.Endpoint endpoint) {
    String service() {
      return of.namespace() + '/' + of.service();
    }
  }

  private final Map<String, Endpoints> objects = new HashMap<>();
  private final Map<Address, List<Backend>> byAddress = new HashMap<>();
  private final Map<String, Set<String>> objectsOfService = new HashMap<>();
  long shed;

  boolean has(Endpoints object) {
    return object.equals(objects.get(object.key()));
  }

  /** @return the addresses for which something changed */
  Set<Address> put(Endpoints object) {
    Set<Address> changed = remove(object.key());
    if (objects.size() >= OBJECTS_MAX) {
      shed++;
      return changed;
    }
    objects.put(object.key(), object);
    objectsOfService.computeIfAbsent(object.namespace() + '/' + object.service(), _ -> new LinkedHashSet<>()).add(object.key());
    for (Endpoints.Endpoint endpoint : object.endpoints()) {
      Address address = Address.parse(endpoint.ip());
      if (address == null) continue;
      byAddress.computeIfAbsent(address, _ -> new ArrayList<>(1)).add(new Backend(object, endpoint));
      changed.add(address);
    }
    return changed;
  }

  Set<Address> remove(String key) {
    Set<Address> changed = new LinkedHashSet<>();
    Endpoints old = objects.remove(key);
    if (old == null) return changed;
    String service = old.namespace() + '/' + old.service();
    objectsOfService.computeIfPresent(service, (_, keys) -> keys.remove(key) && keys.isEmpty() ? null : keys);
    for (Endpoints.Endpoint endpoint : old.endpoints()) {
      Address address = Address.parse(endpoint.ip());
      if (address == null) continue;
      byAddress.computeIfPresent(address, (_, backends) -> backends.removeIf(backend -> backend.of == old) && backends.isEmpty() ? null : backends);
      changed.add(address);
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

  /** Of the service, through all its objects. */
  List<Endpoints.Endpoint> of(Service service) {
    List<Endpoints.Endpoint> found = new ArrayList<>();
    for (String key : objectsOfService.getOrDefault(service.key(), Set.of())) found.addAll(objects.get(key).endpoints());
    return found;
  }

  /** Addresses behind a service. */
  Collection<Address> addresses(String service) {
    Set<Address> found = new LinkedHashSet<>();
    for (String key : objectsOfService.getOrDefault(service, Set.of())) {
      for (Endpoints.Endpoint endpoint : objects.get(key).endpoints()) {
        Address address = Address.parse(endpoint.ip());
        if (address != null) found.add(address);
      }
    }
    return found;
  }
}
