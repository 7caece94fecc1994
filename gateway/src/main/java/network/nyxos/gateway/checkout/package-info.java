/// From a priced request to a paid job: offers made and recognised, payments claimed and settled, vouchers reserved against. And credits: sold,
/// spent by bearer keys, and looked after.
package network.nyxos.gateway.checkout;
