//! The cell that an operation's port calls and the boundary share: effects go out, answers come in.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

use serde::de::DeserializeOwned;

use crate::effect::{Answer, Effect, EffectError, Request};

/// A handle on the cell. One side queues effects and waits; the other takes them out and brings answers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bus(Arc<Mutex<Cell>>);

#[derive(Debug, Default)]
struct Cell {
    last_id: u64,
    queued: Vec<Effect>,
    waiting: BTreeMap<u64, Slot>,
}

/// Where the answer to one effect is awaited.
#[derive(Debug, Default)]
struct Slot {
    answer: Option<Answer>,
    // Operations that join many calls poll only those that were woken.
    waker: Option<Waker>,
}

/// The glue's answers do not fit the effects that wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Mismatch {
    /// No effect with this id waits for an answer.
    Unexpected(u64),
    /// The effect with this id was not answered.
    Missing(u64),
}

impl std::fmt::Display for Mismatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unexpected(id) => write!(f, "no effect {id} waits for an answer"),
            Self::Missing(id) => write!(f, "effect {id} was not answered"),
        }
    }
}

impl Bus {
    fn cell(&self) -> MutexGuard<'_, Cell> {
        // Nothing panics while it holds the lock, and a module that panicked is dropped whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues an effect and waits for its answer.
    pub(crate) async fn call<T: DeserializeOwned>(
        &self,
        request: impl Into<Request>,
    ) -> Result<T, EffectError> {
        let request = request.into();
        let id = {
            let mut cell = self.cell();
            cell.last_id += 1;
            let id = cell.last_id;
            cell.queued.push(Effect { id, request });
            cell.waiting.insert(id, Slot::default());
            id
        };
        let answer = poll_fn(|context| {
            let mut cell = self.cell();
            let mut slot = cell.waiting.remove(&id).unwrap_or_default();
            if let Some(answer) = slot.answer.take() {
                return Poll::Ready(answer);
            }
            slot.waker = Some(context.waker().clone());
            cell.waiting.insert(id, slot);
            Poll::Pending
        })
        .await;
        let malformed =
            |problem: String| EffectError::unavailable(format!("the glue's answer to effect {id} {problem}"));
        match (answer.ok, answer.error) {
            (Some(ok), None) => {
                serde_json::from_str(ok.get()).map_err(|error| malformed(format!("is wrong: {error}")))
            }
            (None, Some(error)) => Err(error),
            _ => Err(malformed("must have either `ok` or `error`".to_owned())),
        }
    }

    /// The effects queued since the last time.
    pub(crate) fn take_effects(&self) -> Vec<Effect> {
        std::mem::take(&mut self.cell().queued)
    }

    /// Brings the answers to all effects that wait.
    pub(crate) fn bring(&self, answers: Vec<Answer>) -> Result<(), Mismatch> {
        let mut cell = self.cell();
        for answer in answers {
            match cell.waiting.get_mut(&answer.id) {
                Some(slot) if slot.answer.is_none() => slot.answer = Some(answer),
                Some(_) | None => return Err(Mismatch::Unexpected(answer.id)),
            }
        }
        if let Some((id, _)) = cell.waiting.iter().find(|(_, slot)| slot.answer.is_none()) {
            return Err(Mismatch::Missing(*id));
        }
        let wakers: Vec<Waker> = cell.waiting.values_mut().filter_map(|slot| slot.waker.take()).collect();
        drop(cell);
        wakers.into_iter().for_each(Waker::wake);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Waker};

    use clearance::ports::{Kind, StoreError};

    use super::*;
    use crate::effect::{DocumentRequest, EffectErrorCode, Found};

    const KIND: &Kind = &Kind { name: "tool", attributes: &[], indexes: &[] };

    fn poll<T>(future: std::pin::Pin<&mut impl Future<Output = T>>) -> Poll<T> {
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    fn answers(json: &str) -> Vec<Answer> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn calls_of_one_poll_go_out_together_and_each_gets_its_own_answer() {
        let bus = Bus::default();
        let (mut first, mut second) = (
            pin!(bus.call::<Found>(DocumentRequest::get(KIND, "a"))),
            pin!(bus.call::<Found>(DocumentRequest::get(KIND, "b"))),
        );
        assert!(poll(first.as_mut()).is_pending() && poll(second.as_mut()).is_pending());
        assert_eq!(
            serde_json::to_string(&bus.take_effects()).unwrap(),
            r#"[{"id":1,"kind":"get","entity":"tool","key":"a"},{"id":2,"kind":"get","entity":"tool","key":"b"}]"#
        );
        assert!(bus.take_effects().is_empty(), "an effect goes out once");
        assert!(poll(first.as_mut()).is_pending(), "nothing came yet");

        bus.bring(answers(
            r#"[{"id":2,"ok":{"row":null}},{"id":1,"ok":{"row":{"key":"a","revision":7,"body":"{}"}}}]"#,
        ))
        .unwrap();
        assert!(matches!(poll(second.as_mut()), Poll::Ready(Ok(Found { row: None }))));
        assert!(matches!(poll(first.as_mut()), Poll::Ready(Ok(Found { row: Some(_) }))));
    }

    #[test]
    fn answers_must_fit_the_effects_that_wait() {
        let bus = Bus::default();
        let mut call = pin!(bus.call::<Found>(DocumentRequest::get(KIND, "a")));
        assert!(poll(call.as_mut()).is_pending());
        assert_eq!(bus.bring(Vec::new()), Err(Mismatch::Missing(1)));
        assert_eq!(bus.bring(answers(r#"[{"id":2,"ok":{}}]"#)), Err(Mismatch::Unexpected(2)));
        let twice = r#"[{"id":1,"ok":{"row":null}},{"id":1,"ok":{"row":null}}]"#;
        assert_eq!(bus.bring(answers(twice)), Err(Mismatch::Unexpected(1)));
    }

    #[test]
    fn errors_and_malformed_answers_become_errors_of_the_store() {
        let settle = |json: &str| {
            let bus = Bus::default();
            let mut call = pin!(bus.call::<Found>(DocumentRequest::get(KIND, "a")));
            assert!(poll(call.as_mut()).is_pending());
            bus.bring(answers(json)).unwrap();
            match poll(call) {
                Poll::Ready(Err(error)) => StoreError::from(error),
                other => panic!("{other:?}"),
            }
        };
        for (code, variant) in [
            (EffectErrorCode::Conflict, "Conflict"),
            (EffectErrorCode::TooLarge, "TooLarge"),
            (EffectErrorCode::Damaged, "Damaged"),
            (EffectErrorCode::Unavailable, "Unavailable"),
        ] {
            let name = match code {
                EffectErrorCode::Conflict => "conflict",
                EffectErrorCode::TooLarge => "too_large",
                EffectErrorCode::Damaged => "damaged",
                EffectErrorCode::Unavailable => "unavailable",
                EffectErrorCode::Refused => "refused",
            };
            let error = settle(&format!(r#"[{{"id":1,"error":{{"code":"{name}","message":"m"}}}}]"#));
            assert!(format!("{error:?}").starts_with(variant), "{error:?}");
        }
        for wrong in [
            r#"{"id":1,"ok":{"rows":null}}"#,
            r#"{"id":1}"#,
            r#"{"id":1,"ok":{},"error":{"code":"conflict","message":""}}"#,
        ] {
            assert!(matches!(settle(&format!("[{wrong}]")), StoreError::Unavailable(_)), "{wrong}");
        }
    }
}
