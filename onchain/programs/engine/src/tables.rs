//! The tables of the engine's spec, 30 bits each. `tables.bin` has them one after the other, `i32` each; `vectors.py` writes it and the test
//! holds it to the spec's hashes.

const BYTES: &[u8; LEN] = include_bytes!("tables.bin");
const LEN: usize = 4 * (256 + 256 + 4097 + 3 * 256 * 2);

/// T: `2^(−j/256)`.
pub(crate) static HALVINGS: [i32; 256] = table(0);
/// U: `2^(−j/65536)`.
pub(crate) static FINE_HALVINGS: [i32; 256] = table(256);
/// Σ: `1 / (1 + e^(−j/256))`.
pub(crate) static SIGMOID: [i32; 4097] = table(512);
/// C: cosines of `2π j / 256^(level + 1)`.
pub(crate) static COSINES: [[i32; 256]; 3] = [table(4609), table(4865), table(5121)];
/// N: sines of them.
pub(crate) static SINES: [[i32; 256]; 3] = [table(5377), table(5633), table(5889)];

const fn table<const N: usize>(first: usize) -> [i32; N] {
    let mut out = [0; N];
    let mut i = 0;
    while i < N {
        let at = 4 * (first + i);
        out[i] = i32::from_le_bytes([BYTES[at], BYTES[at + 1], BYTES[at + 2], BYTES[at + 3]]);
        i += 1;
    }
    out
}

#[cfg(test)]
mod tests {
    use std::{string::String, vec::Vec};

    use nyxos_shared::hash::sha256;

    use super::*;

    fn hash(entries: impl IntoIterator<Item = i32>) -> String {
        let bytes: Vec<u8> = entries.into_iter().flat_map(i32::to_le_bytes).collect();
        sha256(&[&bytes]).iter().map(|byte| std::format!("{byte:02x}")).collect()
    }

    #[test]
    fn the_tables_are_the_specs() {
        assert_eq!(hash(HALVINGS), "181a98b2260a96774c7e5c54b8570c355eb1e99c3e2a3770c8c50842e3f67b24");
        assert_eq!(hash(FINE_HALVINGS), "bfdf318362a5b2b05f701be65cb044d5d2c0fe9b45199f6c1693bdb0937c69d9");
        assert_eq!(hash(SIGMOID), "d0b17494541811aa109e3274ab872fa3e31d68e49a74dedfb724f2054c76da92");
        assert_eq!(hash(COSINES.into_iter().flatten()), "7bea09078c6e1b96ddc96f11178bfaf05aa8511bcd1be3d7339b5248ad2dcaf7");
        assert_eq!(hash(SINES.into_iter().flatten()), "233235c12b0f9544cdc2fe71d09f83946d235854c810378f1c3bb6fdc3c26d19");
    }
}
