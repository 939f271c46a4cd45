//! The hash that names requests and prompts in manifests.
//!
//! Every turn hashes its whole request, so it is done by `ring`, which is here for TLS anyway and is several times faster
//! than `sha2` on processors without instructions for SHA-256, as many small servers have.

use ring::digest::{SHA256, digest};

/// The SHA-256 of `bytes` in hexadecimal.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    digest(&SHA256, bytes).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_the_published_one() {
        assert_eq!(sha256(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
