/**
 * Makes the container images without a Docker daemon: a Java runtime of the modules that are used, the product's jars, and the few libraries
 * of Debian's packages that they need. The same input gives the same bytes: entries sorted, times fixed, owners 0.
 */
package io.kubeshark.deploy;
