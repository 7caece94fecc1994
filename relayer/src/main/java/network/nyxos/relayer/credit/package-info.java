/// Credits: what each payee of a pool has earned for all time, as double-entry lines. Pure.
package network.nyxos.relayer.credit;
