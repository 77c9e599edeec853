//! How often somebody may try to sign in, by the generic cell rate algorithm.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use clearance::refusal::{Code, Refusal};
use clearance::text::EmailAddress;
use clearance::time::Timestamp;

/// Keys remembered at once; above it those that are at rest are forgotten, and if none is, nobody new is let in.
const MAX_KEYS: usize = 50_000;

/// So many at once, and one more after each interval.
#[derive(Debug, Clone, Copy)]
struct Allowance {
    burst: i64,
    interval_milliseconds: i64,
}

/// Guessing twelve characters at one a minute leads nowhere, and mistyping ten times in a row is rare.
const PER_ACCOUNT: Allowance = Allowance { burst: 10, interval_milliseconds: 60_000 };
/// An office behind one address signs in together in the morning.
const PER_ADDRESS: Allowance = Allowance { burst: 60, interval_milliseconds: 5_000 };

/// Instants at which each key is at rest again.
#[derive(Debug)]
struct Limiter<K> {
    allowance: Allowance,
    at_rest: HashMap<K, i64>,
}

impl<K: Hash + Eq> Limiter<K> {
    fn new(allowance: Allowance) -> Self {
        Self { allowance, at_rest: HashMap::new() }
    }

    /// Counts one try, or says how many milliseconds to wait.
    fn admit(&mut self, key: K, now: i64) -> Result<(), i64> {
        let Allowance { burst, interval_milliseconds } = self.allowance;
        if self.at_rest.len() >= MAX_KEYS && !self.at_rest.contains_key(&key) {
            self.at_rest.retain(|_, at_rest| *at_rest > now);
            if self.at_rest.len() >= MAX_KEYS {
                return Err(interval_milliseconds);
            }
        }
        let most = burst.saturating_mul(interval_milliseconds);
        let at_rest = self.at_rest.entry(key).or_insert(now);
        // Further ahead than any tries can bring it: the clock was set back since.
        if at_rest.saturating_sub(now) > most {
            *at_rest = now;
        }
        let next = now.max(*at_rest).saturating_add(interval_milliseconds);
        let excess = next.saturating_sub(now).saturating_sub(most);
        if excess > 0 {
            return Err(excess);
        }
        *at_rest = next;
        Ok(())
    }
}

/// Counts tries to sign in, per account and per network address. In memory: a restart forgets, each replica counts for itself.
#[derive(Debug)]
pub struct Attempts {
    accounts: Mutex<Limiter<EmailAddress>>,
    addresses: Mutex<Limiter<IpAddr>>,
}

impl Default for Attempts {
    fn default() -> Self {
        Self {
            accounts: Mutex::new(Limiter::new(PER_ACCOUNT)),
            addresses: Mutex::new(Limiter::new(PER_ADDRESS)),
        }
    }
}

/// Somebody with an IPv6 line has 2^64 addresses: count the line.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(ip) => IpAddr::from((u128::from(ip) & !u128::from(u64::MAX)).to_be_bytes()),
        ip @ IpAddr::V4(_) => ip,
    }
}

impl Attempts {
    /// Counts a try from an address, and for an account if one was named.
    ///
    /// # Errors
    /// [`Code::RateLimited`] with the seconds to wait as `retry_after`.
    pub fn admit(
        &self,
        address: IpAddr,
        account: Option<&EmailAddress>,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let now = now.as_millisecond();
        // A thread that panicked left at most one try uncounted.
        let mut addresses = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        addresses.admit(network(address), now).map_err(too_often)?;
        drop(addresses);
        if let Some(account) = account {
            let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
            accounts.admit(account.clone(), now).map_err(too_often)?;
        }
        Ok(())
    }
}

fn too_often(milliseconds: i64) -> Refusal {
    let seconds = milliseconds.saturating_add(999) / 1000;
    Refusal::new(Code::RateLimited, "too many tries to sign in; wait before the next one")
        .with("retry_after", seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millisecond(seconds * 1000)
    }

    #[test]
    fn an_account_takes_a_burst_and_then_one_a_minute() {
        let attempts = Attempts::default();
        let account = EmailAddress::parse("ada@example.com").unwrap();
        let address = IpAddr::from([192, 0, 2, 1]);
        for _ in 0..PER_ACCOUNT.burst {
            attempts.admit(address, Some(&account), at(0)).unwrap();
        }
        let refusal = attempts.admit(address, Some(&account), at(0)).unwrap_err();
        assert_eq!(refusal.code(), Code::RateLimited);
        assert_eq!(refusal.to_json()["error"]["details"]["retry_after"], "60");
        assert!(attempts.admit(address, Some(&account), at(59)).is_err());
        assert!(attempts.admit(address, Some(&account), at(60)).is_ok());
        assert!(attempts.admit(address, Some(&account), at(60)).is_err());
        let other = EmailAddress::parse("bob@example.com").unwrap();
        assert!(attempts.admit(address, Some(&other), at(60)).is_ok(), "others are not held up");
    }

    #[test]
    fn an_address_is_limited_across_accounts_and_an_ipv6_line_is_one_address() {
        let attempts = Attempts::default();
        let line = |host: u16| IpAddr::from([0x2001, 0xdb8, 0, 1, 0, 0, 0, host]);
        for host in 0..u16::try_from(PER_ADDRESS.burst).unwrap() {
            attempts.admit(line(host), None, at(0)).unwrap();
        }
        assert!(attempts.admit(line(999), None, at(0)).is_err());
        assert!(attempts.admit(IpAddr::from([192, 0, 2, 1]), None, at(0)).is_ok());
        assert!(attempts.admit(line(0), None, at(5)).is_ok());
    }

    #[test]
    fn a_clock_set_back_locks_nobody_out() {
        let mut limiter = Limiter::new(PER_ACCOUNT);
        for _ in 0..PER_ACCOUNT.burst {
            limiter.admit((), 86_400_000).unwrap();
        }
        assert!(limiter.admit((), 86_400_000).is_err());
        assert!(limiter.admit((), 0).is_ok());
    }

    #[test]
    fn memory_is_bounded_and_what_is_at_rest_is_forgotten() {
        let mut limiter = Limiter::new(PER_ACCOUNT);
        for key in 0..MAX_KEYS {
            limiter.admit(key, 0).unwrap();
        }
        assert!(limiter.admit(MAX_KEYS, 0).is_err());
        assert!(limiter.admit(0, 0).is_ok(), "known keys are served");
        assert!(limiter.admit(MAX_KEYS, 60_000).is_ok());
        assert_eq!(limiter.at_rest.len(), 2);
    }
}
