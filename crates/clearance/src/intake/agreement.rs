//! Who really asks: the one decision on which taking in an issue rests.

use crate::ids::PersonId;

/// Who filled in, reports and made an issue; none where that is nobody known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hands {
    /// Under whose account the draft is kept that the issue names.
    pub draft: Option<PersonId>,
    /// Who reports the issue.
    pub reporter: Option<PersonId>,
    /// Who made the issue.
    pub creator: Option<PersonId>,
}

/// What follows from who had a hand in an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreement {
    /// All are one person: the request is theirs.
    Submit(PersonId),
    /// The draft is the reporter's or the creator's, who are two: the reporter must confirm it.
    Confirm,
    /// No draft of theirs is known. What somebody else filled in is never shown to them.
    FillInAgain,
}

/// Decides who really asks.
pub fn agree(hands: Hands) -> Agreement {
    match hands.draft {
        Some(person) if hands.reporter == Some(person) && hands.creator == Some(person) => {
            Agreement::Submit(person)
        }
        Some(person) if hands.reporter == Some(person) || hands.creator == Some(person) => Agreement::Confirm,
        Some(_) | None => Agreement::FillInAgain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_person_in_all_three_places_submits_and_strangers_drafts_are_never_taken() {
        let people = [None, Some("ada"), Some("bob"), Some("eve")].map(|name| name.map(PersonId::of_name));
        for draft in people {
            for reporter in people {
                for creator in people {
                    let agreement = agree(Hands { draft, reporter, creator });
                    let all_one = draft.is_some() && draft == reporter && draft == creator;
                    assert_eq!(matches!(agreement, Agreement::Submit(_)), all_one);
                    if let Agreement::Submit(person) = agreement {
                        assert_eq!([draft, reporter, creator], [Some(person); 3]);
                    }
                    let theirs = draft.is_some() && (draft == reporter || draft == creator);
                    assert_eq!(agreement == Agreement::FillInAgain, !theirs);
                }
            }
        }
    }
}
