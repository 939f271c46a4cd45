//! Limits attempts to sign in: a few failures from one address, and a few more from everywhere together.
//!
//! The second limit bounds what many addresses can try between them. A window slides: a failure counts for ten
//! minutes. Kept in memory only, since a restart costs an attacker more than it gives.

use std::{collections::VecDeque, net::IpAddr, sync::Mutex, time::Duration};

use souvenir_memory::Timestamp;

/// How long a failure counts.
const WINDOW_MS: i64 = 10 * 60 * 1000;
/// Failures from one address within the window.
const PER_ADDRESS: usize = 5;
/// Failures from all addresses within the window.
const OVERALL: usize = 30;

/// Recent failures to sign in.
#[derive(Debug, Default)]
pub(super) struct Attempts(Mutex<VecDeque<(Timestamp, IpAddr)>>);

impl Attempts {
    /// Asks whether `address` may try now, and counts the attempt as a failure until [`Attempts::succeeded`].
    ///
    /// Counting first keeps attempts that run side by side within the limit.
    ///
    /// # Errors
    /// How long to wait.
    pub(super) fn begin(&self, address: IpAddr, now: Timestamp) -> Result<(), Duration> {
        let mut failures = self.failures();
        while failures.front().is_some_and(|(at, _)| now.millis_since(*at) >= WINDOW_MS) {
            failures.pop_front();
        }
        let own: Vec<Timestamp> = failures.iter().filter(|(_, from)| *from == address).map(|(at, _)| *at).collect();
        let frees_own = own.len().checked_sub(PER_ADDRESS).and_then(|index| own.get(index)).copied();
        let frees_all = failures.len().checked_sub(OVERALL).and_then(|index| failures.get(index)).map(|(at, _)| *at);
        if let Some(at) = frees_own.max(frees_all) {
            let wait = (WINDOW_MS - now.millis_since(at)).clamp(1000, WINDOW_MS);
            return Err(Duration::from_millis(wait.unsigned_abs()));
        }
        failures.push_back((now, address));
        Ok(())
    }

    /// Forgets the failures of `address`: its owner knows the password.
    pub(super) fn succeeded(&self, address: IpAddr) {
        self.failures().retain(|(_, from)| *from != address);
    }

    fn failures(&self) -> std::sync::MutexGuard<'_, VecDeque<(Timestamp, IpAddr)>> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    #[test]
    fn the_sixth_failure_waits_until_the_first_is_ten_minutes_old() {
        let attempts = Attempts::default();
        for second in 0..5 {
            assert!(attempts.begin(HOME, Timestamp(second * 1000)).is_ok());
        }
        assert_eq!(attempts.begin(HOME, Timestamp(60_000)), Err(Duration::from_secs(540)));
        assert!(attempts.begin(HOME, Timestamp(WINDOW_MS)).is_ok());
        assert!(attempts.begin(HOME, Timestamp(WINDOW_MS)).is_err(), "only one failure had aged");
    }

    #[test]
    fn success_forgives_and_other_addresses_are_not_punished() {
        let attempts = Attempts::default();
        let other = IpAddr::from([10, 0, 0, 7]);
        for _ in 0..5 {
            attempts.begin(HOME, Timestamp(0)).unwrap();
        }
        assert!(attempts.begin(other, Timestamp(0)).is_ok());
        attempts.succeeded(HOME);
        assert!(attempts.begin(HOME, Timestamp(0)).is_ok());
    }

    #[test]
    fn many_addresses_together_are_limited_too() {
        let attempts = Attempts::default();
        let tried = (0..40u8).filter(|n| attempts.begin(IpAddr::from([10, 0, 0, *n]), Timestamp(0)).is_ok()).count();
        assert_eq!(tried, OVERALL);
    }
}
