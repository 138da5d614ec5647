//! What is planted: a value of its own for every way in which a secret enters the product.

use sha2::{Digest, Sha256};

use crate::vendor::Vendor;

/// A secret, and how it enters.
#[derive(Debug, Clone)]
pub(crate) struct Seed {
    pub(crate) name: String,
    pub(crate) value: String,
}

/// Everything planted.
#[derive(Debug, Default)]
pub(crate) struct Seeds {
    pub(crate) all: Vec<Seed>,
}

/// Characters that have to be escaped somewhere.
const AWKWARD: &str = "\"w\\ /+=&?%£";

impl Seeds {
    /// Plants letters and digits.
    pub(crate) fn plain(&mut self, name: &str) -> String {
        let random: String = std::iter::repeat_with(fastrand::alphanumeric).take(36).collect();
        self.known(name, random)
    }

    /// Plants a value that has to be escaped wherever it is written down.
    pub(crate) fn awkward(&mut self, name: &str) -> String {
        let random: String = std::iter::repeat_with(fastrand::alphanumeric).take(24).collect();
        self.known(name, format!("{random}{AWKWARD}{random}"))
    }

    /// Notes a value that somebody else has made.
    pub(crate) fn known(&mut self, name: &str, value: String) -> String {
        self.all.push(Seed { name: name.to_owned(), value: value.clone() });
        value
    }

    /// Notes the tokens that the vendor has given away.
    pub(crate) fn minted(&mut self, vendor: &Vendor) {
        for (number, token) in vendor.minted().into_iter().enumerate() {
            self.known(&format!("token {number} of the login"), token);
        }
    }
}

/// A text's SHA-256 as 64 hexadecimal digits.
pub(crate) fn sha256(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}
