//! Which entries speak to which topic of which framework. It says where to look, and judges nothing.

/// A topic of a framework, and the kinds of entries that speak to it.
pub(super) struct Topic {
    pub(super) framework: &'static str,
    pub(super) title: &'static str,
    pub(super) kinds: &'static [&'static str],
}

const DECISIONS: &[&str] =
    &["request.submitted", "approval.decided", "request.approved", "request.denied", "request.lapsed"];
const LIFE: &[&str] =
    &["grant.created", "grant.activated", "grant.extended", "grant.removing", "grant.ended"];
const REVIEWS: &[&str] =
    &["review.called", "review.opened", "review.postponed", "review.decided", "review.closed"];
const RULES: &[&str] =
    &["policy.published", "settings.changed", "tool.added", "tool.changed", "group.changed"];
const PEOPLE: &[&str] = &["person.added", "person.changed", "person.deactivated", "session.signed_in"];
const LOG: &[&str] = &[
    "audit.verified",
    "audit.log_read",
    "audit.key_rotated",
    "audit.anchoring_changed",
    "evidence.exported",
];

pub(super) const TOPICS: &[Topic] = &[
    Topic {
        framework: "ISO/IEC 42001:2023",
        title: "A.2 Policies related to AI: which rules applied",
        kinds: RULES,
    },
    Topic {
        framework: "ISO/IEC 42001:2023",
        title: "A.3 Internal organization: who decided",
        kinds: DECISIONS,
    },
    Topic { framework: "ISO/IEC 42001:2023", title: "A.6.2.8 Event logs of AI systems' use", kinds: LIFE },
    Topic {
        framework: "ISO/IEC 42001:2023",
        title: "A.9 Use of AI systems: approval, intended use, limits",
        kinds: DECISIONS,
    },
    Topic { framework: "SOC 2", title: "CC6.1 Access is restricted by rules", kinds: RULES },
    Topic { framework: "SOC 2", title: "CC6.2 Access is authorized before it is given", kinds: DECISIONS },
    Topic { framework: "SOC 2", title: "CC6.3 Access is changed and removed", kinds: LIFE },
    Topic { framework: "SOC 2", title: "CC6.3 The need for access is reviewed", kinds: REVIEWS },
    Topic { framework: "SOC 2", title: "CC6.2, CC6.3 People come, change and leave", kinds: PEOPLE },
    Topic {
        framework: "NIST AI RMF 1.0",
        title: "GOVERN 1: policies are in place and documented",
        kinds: RULES,
    },
    Topic { framework: "NIST AI RMF 1.0", title: "GOVERN 2: roles and responsibilities", kinds: DECISIONS },
    Topic {
        framework: "NIST AI RMF 1.0",
        title: "MAP 1: intended purposes and uses",
        kinds: &["request.submitted", "request.information_provided"],
    },
    Topic { framework: "NIST AI RMF 1.0", title: "GOVERN 1.5: review is periodic", kinds: REVIEWS },
    Topic { framework: "NIST AI RMF 1.0", title: "MANAGE 4: use is monitored and ended", kinds: LIFE },
    Topic { framework: "EU AI Act", title: "Art. 12, 19 and 26(6): records are kept", kinds: LOG },
    Topic {
        framework: "EU AI Act",
        title: "Art. 26: deployers assign human oversight to persons",
        kinds: DECISIONS,
    },
    Topic {
        framework: "EU AI Act",
        title: "Art. 26: use according to instructions",
        kinds: &["request.submitted", "tool.added", "tool.changed"],
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::EventKind;

    #[test]
    fn every_kind_is_one_that_the_log_has() {
        for kind in TOPICS.iter().flat_map(|topic| topic.kinds) {
            assert!(EventKind::ALL.iter().any(|known| known.as_str() == *kind), "{kind}");
        }
    }
}
