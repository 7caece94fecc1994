/// From a priced request to a paid job: offers made and recognised, payments claimed and settled, vouchers reserved against.
package network.nyxos.gateway.checkout;
