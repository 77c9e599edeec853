//! How often somebody may try to sign in: per account and per network address, counted in the store like everything else that is limited.

use std::net::IpAddr;

use audit_log::Salt;
use clearance::failure::Failure;
use clearance::limits::{RateClass, Subject, admit};
use clearance::ports::Ports;
use clearance::refusal::{Code, Refusal};
use clearance::text::EmailAddress;
use clearance::time::Timestamp;
use zeroize::Zeroizing;

/// Counts tries to sign in. It survives restarts, and servers on one store count together.
///
/// Accounts and addresses are counted under fingerprints, keyed so that the store tells neither who tried nor from where.
#[derive(Debug)]
pub struct Attempts {
    key: Salt,
}

/// Somebody with an IPv6 line has 2^64 addresses: count the line.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(ip) => IpAddr::from((u128::from(ip) & !u128::from(u64::MAX)).to_be_bytes()),
        ip @ IpAddr::V4(_) => ip,
    }
}

impl Attempts {
    /// Counts under fingerprints of this key, which every server on the store must have.
    pub fn new(key: &Zeroizing<[u8; 32]>) -> Self {
        Self { key: Salt::from_bytes(**key) }
    }

    fn fingerprint(&self, text: &str) -> Subject {
        Subject::fingerprint(*audit_log::commit(&self.key, text).as_bytes())
    }

    /// Counts a try from an address, and for an account if one was named.
    ///
    /// # Errors
    /// [`Code::RateLimited`] with the seconds to wait as `retry_after`.
    pub async fn admit<P: Ports>(
        &self,
        ports: &P,
        address: IpAddr,
        account: Option<&EmailAddress>,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let address = self.fingerprint(&format!("network {}", network(address)));
        let mut counted = vec![(RateClass::SignInNetwork, address, 1)];
        // An address of nobody is counted as one of somebody is: the answer does not tell which addresses are known.
        counted.extend(
            account.map(|account| {
                (RateClass::SignInAccount, self.fingerprint(&format!("account {account}")), 1)
            }),
        );
        admit(ports, &counted, now).await.map_err(|failure| match failure {
            Failure::Refused(refusal) if refusal.code() == Code::RateLimited => too_often(&refusal).into(),
            other => other,
        })
    }
}

/// The same refusal, without saying whether it is for the account or for the network.
fn too_often(refusal: &Refusal) -> Refusal {
    let json = refusal.to_json();
    let seconds = json.pointer("/error/details/retry_after").and_then(|value| value.as_str()).unwrap_or("60");
    Refusal::new(Code::RateLimited, "too many tries to sign in; wait before the next one")
        .with("retry_after", seconds)
}

#[cfg(test)]
mod tests {
    use clearance::documents::{Document as _, Paging, Select, list};
    use clearance::limits::RateRow;
    use clearance::ports::Absent;
    use clearance::ports::Environment as _;
    use clearance_store::MemoryStore;
    use testkit::Seeded;

    use super::*;
    use crate::data::kinds;
    use crate::host::Host;

    const ACCOUNT: usize = 10;
    const NETWORK: usize = 60;

    async fn host() -> Host<MemoryStore, Seeded, Absent> {
        let vault = crate::vault::VaultKey::new([7; 32]);
        let host =
            Host { store: MemoryStore::new(kinds()), environment: Seeded::default(), vault, core: Absent };
        clearance::site::initialize(&host).await.unwrap();
        host
    }

    fn attempts() -> Attempts {
        Attempts::new(&Zeroizing::new([7; 32]))
    }

    fn account(text: &str) -> EmailAddress {
        EmailAddress::parse(text).unwrap()
    }

    #[tokio::test]
    async fn an_account_takes_a_burst_and_then_one_a_minute() {
        let host = host().await;
        let start = host.environment.now();
        let ada = account("ada@example.com");
        let address = |number: usize| IpAddr::from([192, 0, 2, u8::try_from(number).unwrap()]);
        for number in 0..ACCOUNT {
            // Two servers, and one of them just started: they count together.
            attempts().admit(&host, address(number), Some(&ada), start).await.unwrap();
        }
        let refusal =
            attempts().admit(&host, address(99), Some(&ada), start).await.unwrap_err().into_refusal();
        assert_eq!(refusal.code(), Code::RateLimited);
        assert_eq!(refusal.to_json()["error"]["details"], serde_json::json!({ "retry_after": "60" }));
        let minute = start.plus_minutes(1);
        let before = Timestamp::from_millisecond(minute.as_millisecond() - 1);
        assert!(attempts().admit(&host, address(99), Some(&ada), before).await.is_err());
        attempts().admit(&host, address(99), Some(&ada), minute).await.unwrap();
        assert!(attempts().admit(&host, address(99), Some(&ada), minute).await.is_err());
        let bob = account("bob@example.com");
        attempts().admit(&host, address(99), Some(&bob), minute).await.unwrap();
    }

    #[tokio::test]
    async fn an_address_is_limited_across_accounts_and_an_ipv6_line_is_one_address() {
        let host = host().await;
        let now = host.environment.now();
        let line = |host: usize| IpAddr::from([0x2001, 0xdb8, 0, 1, 0, 0, 0, u16::try_from(host).unwrap()]);
        for number in 0..NETWORK {
            attempts().admit(&host, line(number), None, now).await.unwrap();
        }
        assert!(attempts().admit(&host, line(999), None, now).await.is_err());
        attempts().admit(&host, IpAddr::from([192, 0, 2, 1]), None, now).await.unwrap();
        let later = Timestamp::from_millisecond(now.as_millisecond() + 5_000);
        attempts().admit(&host, line(0), None, later).await.unwrap();
    }

    #[tokio::test]
    async fn what_is_stored_names_nobody_and_no_address() {
        let host = host().await;
        let address = IpAddr::from([192, 0, 2, 77]);
        attempts()
            .admit(&host, address, Some(&account("ada@example.com")), host.environment.now())
            .await
            .unwrap();
        let rows = list::<RateRow>(&host.store, Select::all(), &Paging::default()).await.unwrap().items;
        assert_eq!(rows.len(), 2);
        for row in rows {
            let text = format!("{} {row:?}", row.key());
            assert!(!text.contains("ada") && !text.contains("192.0.2"), "{text}");
        }
    }
}
