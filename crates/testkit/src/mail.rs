//! Notices of a site: into inboxes, and to a mail server that takes everything.

use clearance::notices::mail::{Message, due};
use clearance::notices::{Delivered, deliver};
use clearance::ports::{Environment as _, Ports as _};

use crate::Site;

impl Site {
    /// Brings what waits into inboxes.
    ///
    /// # Panics
    /// When it fails.
    #[track_caller]
    #[expect(clippy::must_use_candidate, reason = "most tests want what it does")]
    pub fn deliver(&self) -> Delivered {
        self.handle.with_ports(async |ports| deliver(ports).await).expect("notices are delivered")
    }

    /// Brings what waits into inboxes, by so many passes at the same time, as several processes make them.
    ///
    /// # Panics
    /// When one fails.
    #[track_caller]
    pub fn deliver_at_once(&self, passes: usize) {
        let passes = self.handle.with_ports(async |ports| {
            let passes = (0..passes).map(|_| deliver(ports));
            futures::future::join_all(passes).await
        });
        for pass in passes {
            pass.expect("notices are delivered");
        }
    }

    /// Brings what waits into inboxes, and says what goes out by e-mail now, as a mail server that takes everything.
    ///
    /// # Panics
    /// When it fails.
    #[track_caller]
    pub fn letters(&self) -> Vec<Message> {
        self.deliver();
        self.handle.with_ports(async |ports| {
            let mut messages = Vec::new();
            for letter in due(ports, "http://127.0.0.1:8780").await.expect("letters are written") {
                let message = letter.message.clone();
                let settled = match &message {
                    Some(_) => letter.sent(ports.store(), ports.environment().now()).await,
                    None => letter.dropped(ports.store()).await,
                };
                settled.expect("it is noted that a letter was sent");
                messages.extend(message);
            }
            messages
        })
    }
}
