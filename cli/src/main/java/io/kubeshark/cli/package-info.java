/** The program {@code kubeshark}: one class per verb. Wires the stages; holds no logic of theirs. */
package io.kubeshark.cli;
