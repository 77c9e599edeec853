//! How long drift checks take, by members of the group: `cargo run --release -p testkit --example drift_rates [MEMBERS…]`.
//!
//! On SQLite with every commit synced. The provider answers at once, so that what is measured is this program's part.

use std::time::{Duration, Instant};

use testkit::Site;
use testkit::connected::TENANT;

#[expect(clippy::disallowed_methods, reason = "it measures time that really passes")]
fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let began = Instant::now();
    (work(), began.elapsed())
}

fn main() {
    let wanted: Vec<u32> = std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let wanted = if wanted.is_empty() { vec![5_000, 10_000, 20_000, 50_000] } else { wanted };
    println!("members | first check: all strangers | all known, nothing changed | all gone");
    for members in wanted {
        let site = Site::on_disk();
        let at = site.connected("Code agent");
        for number in 0..members {
            site.core().join(TENANT, &at.group, &format!("00umember{number:06}"));
        }
        let check = || {
            site.advance_minutes(6 * 60 + 1);
            timed(|| site.check_drift())
        };
        let (found, first) = check();
        assert_eq!((found.checked, found.found), (1, members));
        let (same, second) = check();
        assert_eq!((same.checked, same.found, same.settled), (1, 0, 0));
        for number in 0..members {
            site.core().leave(TENANT, &at.group, &format!("00umember{number:06}"));
        }
        let (gone, third) = check();
        assert_eq!((gone.checked, gone.settled), (1, members));
        println!("{members} | {first:.2?} | {second:.2?} | {third:.2?}");
        site.leave_as_it_is();
    }
}
