//! Money, in exact integers: billionths of a US dollar, so that a single token has a price without fractions.

use serde::{Serialize, Serializer};

/// Thousand-millionths of a US dollar. A dollar per million tokens is a thousand of them per token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NanoUsd(pub u64);

/// So many of them are a dollar.
const DOLLAR: u64 = 1_000_000_000;
/// More dollars than this are a slip.
const MOST_DOLLARS: u64 = 1_000_000;

/// An amount that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("use an amount of dollars from 0 to 1000000 with a point, such as 2.50")]
pub struct InvalidAmount;

impl NanoUsd {
    /// In dollars, to show.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "exact up to nine million dollars")]
    pub fn as_usd(self) -> f64 {
        self.0 as f64 / 1e9
    }
}

impl std::iter::Sum for NanoUsd {
    fn sum<I: Iterator<Item = Self>>(costs: I) -> Self {
        Self(costs.fold(0, |sum, cost| sum.saturating_add(cost.0)))
    }
}

/// `2.50`, `$2.50`: nine decimals at most, nothing negative, and no commas, which mean different things to different people.
impl std::str::FromStr for NanoUsd {
    type Err = InvalidAmount;

    fn from_str(text: &str) -> Result<Self, InvalidAmount> {
        let text = text.trim();
        let text = text.strip_prefix('$').unwrap_or(text);
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let is_number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
        if (whole.is_empty() && part.is_empty()) || !is_number(whole) || !is_number(part) || part.len() > 9 {
            return Err(InvalidAmount);
        }
        let dollars: u64 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| InvalidAmount)? };
        let nanos: u64 = format!("{part:0<9}").parse().map_err(|_| InvalidAmount)?;
        let amount = dollars.checked_mul(DOLLAR).and_then(|dollars| dollars.checked_add(nanos));
        amount.filter(|amount| *amount <= MOST_DOLLARS * DOLLAR).map(Self).ok_or(InvalidAmount)
    }
}

/// As a person writes it, exactly: `0`, `2.50`, `0.0125`.
impl std::fmt::Display for NanoUsd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (dollars, nanos) = (self.0 / DOLLAR, self.0 % DOLLAR);
        let digits = format!("{nanos:09}");
        match digits.trim_end_matches('0').len() {
            0 => write!(f, "{dollars}"),
            decimals => write!(f, "{dollars}.{}", &digits[..decimals.max(2)]),
        }
    }
}

/// A number of dollars.
impl Serialize for NanoUsd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.as_usd())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn amounts_are_read_as_people_write_them() {
        let read = |text: &str| text.parse::<NanoUsd>().map(|amount| amount.0);
        assert_eq!(read("2.50"), Ok(2_500_000_000));
        assert_eq!((read(" $3 "), read(".5"), read("0")), (Ok(3_000_000_000), Ok(500_000_000), Ok(0)));
        assert_eq!((read("0.000000001"), read("1000000")), (Ok(1), Ok(1_000_000_000_000_000)));
        for wrong in
            ["", "$", ".", "-1", "1,50", "1e3", "1.0000000001", "1000001", "many", "+1", "99999999999999999999"]
        {
            assert_eq!(read(wrong), Err(InvalidAmount), "{wrong}");
        }
    }

    #[test]
    fn amounts_are_shown_with_cents() {
        let shown = |nanos| NanoUsd(nanos).to_string();
        assert_eq!([shown(0), shown(2_500_000_000), shown(12_500_000)], ["0", "2.50", "0.0125"]);
    }

    proptest! {
        #[test]
        fn an_amount_survives_its_own_words(nanos in 0..=MOST_DOLLARS * DOLLAR) {
            prop_assert_eq!(NanoUsd(nanos).to_string().parse(), Ok(NanoUsd(nanos)));
        }
    }
}
