//! The threads of this host for work that can be done apart.

use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};

use evidence_pack::verify::Workers;

/// So many threads, the calling one among them.
#[derive(Debug, Clone, Copy)]
pub struct Threads(pub NonZeroUsize);

impl Workers for Threads {
    fn each<T: Send, R: Send>(&self, parts: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
        let threads = self.0.get().min(parts.len());
        let queue = Mutex::new(parts.into_iter().enumerate());
        let done = Mutex::new(Vec::new());
        let run = || {
            loop {
                let next = queue.lock().unwrap_or_else(PoisonError::into_inner).next();
                let Some((number, part)) = next else { return };
                let result = work(part);
                done.lock().unwrap_or_else(PoisonError::into_inner).push((number, result));
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..threads {
                scope.spawn(run);
            }
            run();
        });
        let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
        done.sort_unstable_by_key(|(number, _)| *number);
        done.into_iter().map(|(_, result)| result).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_parts() {
        for threads in [1, 2, 7] {
            let threads = Threads(NonZeroUsize::new(threads).unwrap());
            assert_eq!(
                threads.each((0..100).collect(), |part| part * 2),
                (0..200).step_by(2).collect::<Vec<_>>()
            );
            assert_eq!(threads.each(Vec::<u8>::new(), |part| part), Vec::<u8>::new());
        }
    }
}
