//! `+ - * / %` on metered values, paid for before they are done.

use std::ops::{Add, Div, Mul, Neg, Rem, Sub};

use jaq_core::ops::Math;
use jaq_core::{Error, ValR};
use jaq_json::{Num, Val};

use super::{Metered, weigh};
use crate::workflow::expression::meter::{spend, steps_of_bytes};

/// Integers of 64 bits, else the nearest double, as in jq: no numbers that grow without end.
pub(super) fn number(number: Num) -> Metered {
    let number = match number {
        Num::BigInt(_) | Num::Dec(_) => {
            let double = jaq_std::ValT::as_f64(&Val::Num(number)).unwrap_or(f64::NAN);
            Num::Float(double)
        }
        plain @ (Num::Int(_) | Num::Float(_)) => plain,
    };
    Metered::of(Val::Num(number), 0)
}

/// A whole number for one with a fraction, downwards, as jq takes indices.
pub(super) fn floored(bound: &Metered) -> Val {
    match &bound.value {
        Val::Num(Num::Float(double)) => Val::from(whole(*double)),
        other => other.clone(),
    }
}

/// Where an index points in a list: from the end if negative.
pub(super) fn place(index: &Num, len: usize) -> Option<usize> {
    let index = match index {
        Num::Int(index) => *index,
        Num::Float(double) => whole(*double),
        Num::BigInt(_) | Num::Dec(_) => return None,
    };
    match usize::try_from(index) {
        Ok(place) => Some(place),
        Err(_) => len.checked_sub(index.unsigned_abs()),
    }
}

#[expect(clippy::as_conversions, clippy::cast_possible_truncation, reason = "saturates, and no list is that long")]
fn whole(double: f64) -> isize {
    double.floor() as isize
}

fn numbers(left: Metered, right: Metered, operation: Math) -> ValR<Metered> {
    spend(1);
    let outcome = match (&left.value, &right.value) {
        (Val::Num(Num::Int(_)), Val::Num(Num::Int(0))) if matches!(operation, Math::Rem | Math::Div) => None,
        (Val::Num(_), Val::Num(_)) => {
            let (left, right) = (left.value.clone(), right.value.clone());
            operation.run::<Val, jaq_json::ValR>(left, right).ok()
        }
        _ => None,
    };
    match outcome {
        Some(Val::Num(outcome)) => Ok(number(outcome)),
        _ => Err(Error::math(left, operation, right)),
    }
}

impl Add for Metered {
    type Output = ValR<Self>;

    fn add(self, right: Self) -> Self::Output {
        let depth = self.depth.max(right.depth);
        match (&self.value, &right.value) {
            (Val::Null, _) => return Ok(right),
            (_, Val::Null) => return Ok(self),
            (Val::TStr(left), Val::TStr(right)) => spend(steps_of_bytes(left.len() + right.len())),
            (Val::Arr(_), Val::Arr(_)) | (Val::Obj(_), Val::Obj(_)) => {
                self.pay_to_own();
                spend(1 + right.len());
            }
            _ => return numbers(self, right, Math::Add),
        }
        let sum = self.value + right.value;
        sum.map(|sum| Self::of(sum, depth)).map_err(|_| Error::str("cannot be added"))
    }
}

impl Sub for Metered {
    type Output = ValR<Self>;

    fn sub(self, right: Self) -> Self::Output {
        let (Val::Arr(_), Val::Arr(_)) = (&self.value, &right.value) else { return numbers(self, right, Math::Sub) };
        weigh(&self.value);
        weigh(&right.value);
        let depth = self.depth;
        let rest = self.value - right.value;
        rest.map(|rest| Self::of(rest, depth)).map_err(|_| Error::str("cannot be taken away"))
    }
}

impl Mul for Metered {
    type Output = ValR<Self>;

    fn mul(self, right: Self) -> Self::Output {
        let depth = self.depth.max(right.depth);
        match (&self.value, &right.value) {
            (Val::TStr(text), Val::Num(times)) | (Val::Num(times), Val::TStr(text)) => {
                let times = jaq_std::ValT::as_f64(&Val::Num(times.clone())).map_or(0, whole);
                let text = text.clone();
                return Ok(repeated(&text, times));
            }
            (Val::Obj(_), Val::Obj(_)) => {
                weigh(&self.value);
                weigh(&right.value);
            }
            _ => return numbers(self, right, Math::Mul),
        }
        let merged = self.value * right.value;
        merged.map(|merged| Self::of(merged, depth)).map_err(|_| Error::str("cannot be merged"))
    }
}

/// The text so many times; null for none, as in jq.
fn repeated(text: &[u8], times: isize) -> Metered {
    let Ok(times @ 1..) = usize::try_from(times) else { return Metered::of(Val::Null, 0) };
    spend(steps_of_bytes(text.len().saturating_mul(times)).saturating_add(1));
    Metered::of(Val::utf8_str(text.repeat(times)), 0)
}

impl Div for Metered {
    type Output = ValR<Self>;

    fn div(self, right: Self) -> Self::Output {
        let (Val::TStr(left), Val::TStr(_)) = (&self.value, &right.value) else {
            return numbers(self, right, Math::Div);
        };
        // At most as many parts as there are bytes.
        spend(1 + left.len() / 4);
        let parts = self.value / right.value;
        parts.map(|parts| Metered::of(parts, 1)).map_err(|_| Error::str("cannot be split"))
    }
}

impl Rem for Metered {
    type Output = ValR<Self>;

    fn rem(self, right: Self) -> Self::Output {
        numbers(self, right, Math::Rem)
    }
}

impl Neg for Metered {
    type Output = ValR<Self>;

    fn neg(self) -> Self::Output {
        match &self.value {
            Val::Num(_) => {
                let negative = -self.value;
                match negative {
                    Ok(Val::Num(negative)) => Ok(number(negative)),
                    _ => Err(Error::str("cannot be negated")),
                }
            }
            _ => Err(Error::typ(self, "a number")),
        }
    }
}
