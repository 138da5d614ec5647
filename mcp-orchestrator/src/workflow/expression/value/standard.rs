//! What the functions of jq's library ask of a value.

use jaq_json::Val;
use jaq_std::ValT;

use super::Metered;
use crate::workflow::expression::meter::{spend, steps_of_bytes};

impl ValT for Metered {
    fn into_seq<S: FromIterator<Self>>(self) -> Result<S, Self> {
        spend(1 + self.len());
        let depth = self.depth.saturating_sub(1);
        match self.value {
            Val::Arr(items) => Ok(items.iter().map(|item| Self::of(item.clone(), depth)).collect()),
            value => Err(Self::of(value, self.depth)),
        }
    }

    fn is_int(&self) -> bool {
        self.value.is_int()
    }

    fn as_isize(&self) -> Option<isize> {
        self.value.as_isize()
    }

    fn as_f64(&self) -> Option<f64> {
        self.value.as_f64()
    }

    fn is_utf8_str(&self) -> bool {
        self.value.is_utf8_str()
    }

    fn as_bytes(&self) -> Option<&[u8]> {
        let bytes = self.value.as_bytes();
        spend(steps_of_bytes(bytes.map_or(0, <[u8]>::len)));
        bytes
    }

    fn as_sub_str(&self, sub: &[u8]) -> Self {
        Self::of(self.value.as_sub_str(sub), 0)
    }

    fn from_utf8_bytes(bytes: impl AsRef<[u8]> + Send + 'static) -> Self {
        spend(steps_of_bytes(bytes.as_ref().len()));
        Self::of(Val::from_utf8_bytes(bytes), 0)
    }
}
