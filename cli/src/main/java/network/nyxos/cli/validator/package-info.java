/** Validators: who answers with a bond for the verdicts it gives. */
package network.nyxos.cli.validator;
