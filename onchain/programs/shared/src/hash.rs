//! SHA-256: the syscall on chain, a kept library on the host.

/// Hash of the parts one after the other.
#[cfg(any(target_os = "solana", target_arch = "bpf"))]
pub fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut out = [0; 32];
    // SAFETY: the syscall reads `parts.len()` (pointer, length) pairs, which is how a slice of slices lies in memory on
    // this target, and writes 32 bytes to `out`.
    unsafe { pinocchio::syscalls::sol_sha256(parts.as_ptr() as *const u8, parts.len() as u64, out.as_mut_ptr()) };
    out
}

/// Hash of the parts one after the other.
#[cfg(not(any(target_os = "solana", target_arch = "bpf")))]
pub fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    use sha2::{Digest, Sha256};
    let mut hasher = Sha256::new();
    parts.iter().for_each(|part| hasher.update(part));
    hasher.finalize().into()
}
