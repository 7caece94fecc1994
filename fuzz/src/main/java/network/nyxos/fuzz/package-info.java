/// Coverage-guided fuzzing of everything that reads bytes of strangers: `./nyxos fuzz`. The driver is Jazzer; what counts as a finding is said here.
package network.nyxos.fuzz;
