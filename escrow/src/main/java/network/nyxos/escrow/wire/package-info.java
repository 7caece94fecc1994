/// What parts of Nyxos say to each other: the messages of the node link ({@link network.nyxos.escrow.wire.WireMessage}, read and written by
/// {@link network.nyxos.escrow.wire.WireCodec}) and the JSON documents of the HTTP interfaces. Decoding is strict: unknown fields, doubled fields, wrong types and
/// wrong ranges are refused with the place that is wrong.
package network.nyxos.escrow.wire;
