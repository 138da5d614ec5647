//! Money in whole minor units of its currency, so that sums are exact.

/// A sum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Money {
    /// Cents of a dollar, yen of a yen.
    pub amount_minor: i64,
    /// ISO 4217, in capitals.
    pub currency: String,
}

/// Currencies without minor units (ISO 4217, 2024).
const WITHOUT_MINOR: &str = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF";

/// Currencies with a thousand minor units (ISO 4217, 2024).
const IN_THOUSANDS: &str = "BHD IQD JOD KWD LYD OMR TND";

impl Money {
    /// Of the decimal number that the vendor sends; `None` if it is no sum.
    #[must_use]
    pub fn of_major(amount: f64, currency: &str) -> Option<Self> {
        let currency = currency.trim().to_uppercase();
        let is_among = |list: &str| list.split(' ').any(|code| code == currency);
        let units = if is_among(WITHOUT_MINOR) {
            1.0
        } else if is_among(IN_THOUSANDS) {
            1_000.0
        } else {
            100.0
        };
        // Written out and read again: the one conversion that refuses what does not fit.
        let amount_minor = format!("{:.0}", amount * units).parse().ok()?;
        Some(Self { amount_minor, currency })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_in_the_currencys_minor_units() {
        for (amount, currency, expected) in
            [(19.99, "usd", 1_999), (150.1, "EUR", 15_010), (5_000.0, "JPY", 5_000), (1.234, "KWD", 1_234)]
        {
            assert_eq!(Money::of_major(amount, currency).unwrap().amount_minor, expected, "{amount} {currency}");
        }
        assert_eq!(Money::of_major(1.0, "usd").unwrap().currency, "USD");
        assert_eq!(Money::of_major(f64::NAN, "USD"), None);
        assert_eq!(Money::of_major(1e300, "USD"), None);
    }
}
