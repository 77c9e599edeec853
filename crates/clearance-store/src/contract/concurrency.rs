//! Commits that wait at the same time, and so share a batch where there are batches.

use clearance::ports::{Commit, Expected, Revision, Store as _, StoreError};
use futures::future::join_all;

use super::{Fixture, NOTE, at, entry, is_conflict, note, writes};

/// Of 64 who make the same document at once, exactly one succeeds.
pub async fn one_of_many_makes_the_document(fixture: &impl Fixture) -> Result<(), StoreError> {
    let store = fixture.open();
    let made = |number: usize| {
        let own = note(&format!("own-{number}"), Expected::Absent, "{}");
        let shared = note("shared", Expected::Absent, &number.to_string());
        store.commit(Commit { writes: vec![own, shared], entries: vec![entry(number)] })
    };
    let answers = join_all((0..64).map(made)).await;
    let won: Vec<usize> =
        (0..).zip(&answers).filter(|(_, answer)| answer.is_ok()).map(|(number, _)| number).collect();
    assert_eq!(won.len(), 1);
    assert_eq!(answers.iter().filter(|answer| is_conflict(answer)).count(), 63);
    for winner in won {
        assert_eq!(store.get(NOTE, "shared").await?.map(|row| row.body), Some(winner.to_string()));
        for number in 0..64 {
            let own = store.get(NOTE, &format!("own-{number}")).await?;
            assert_eq!(own.is_some(), number == winner);
        }
        let logged = store.log_entries(0, 9).await?;
        assert_eq!(
            logged.iter().map(|found| found.leaf_hash).collect::<Vec<_>>(),
            [entry(winner).leaf_hash()]
        );
    }
    Ok(())
}

/// Of 64 who revise the same revision, exactly one succeeds.
pub async fn one_of_many_revises_the_document(fixture: &impl Fixture) -> Result<(), StoreError> {
    let store = fixture.open();
    store.commit(writes([note("shared", Expected::Absent, "{}")])).await?;
    let answers = join_all((0..64).map(|_| store.commit(writes([note("shared", at(1), "{}")])))).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    assert_eq!(store.get(NOTE, "shared").await?.map(|row| row.revision), Some(Revision(2)));
    Ok(())
}

/// The entries of one commit follow each other without a stranger between, at the place that the answer names.
pub async fn entries_of_a_commit_stay_together(fixture: &impl Fixture) -> Result<(), StoreError> {
    let store = fixture.open();
    let commits = (0..300).map(|number| {
        let entries = (0..3).map(|part| entry(number * 10 + part)).collect();
        // Every seventh loses its race and must leave no gap.
        let expected = if number % 7 == 3 { at(5) } else { Expected::Absent };
        store.commit(Commit { writes: vec![note(&number.to_string(), expected, "{}")], entries })
    });
    let answers = join_all(commits).await;
    let mut places = Vec::new();
    for (number, answer) in (0..).zip(answers) {
        if number % 7 == 3 {
            assert!(is_conflict(&answer));
            continue;
        }
        let first = answer?.first_entry;
        let read = store.log_entries(first, 3).await?;
        for (part, found) in read.iter().enumerate() {
            assert_eq!(found.leaf_hash, entry(number * 10 + part).leaf_hash());
        }
        places.push(first);
    }
    places.sort_unstable();
    assert_eq!(places, (0..).step_by(3).take(places.len()).collect::<Vec<u64>>());
    assert_eq!(store.log_head().await?.size, 3 * u64::try_from(places.len()).unwrap_or(0));
    Ok(())
}

/// Commits that follow from each other work in one batch too: each sees those before it.
pub async fn commits_of_a_batch_see_each_other(fixture: &impl Fixture) -> Result<(), StoreError> {
    let store = fixture.open();
    let chain = (0..100).map(|revision| {
        let expected = if revision == 0 { Expected::Absent } else { at(revision) };
        store.commit(writes([note("n1", expected, &revision.to_string())]))
    });
    for answer in join_all(chain).await {
        answer?;
    }
    let row = store.get(NOTE, "n1").await?;
    assert_eq!(row.map(|row| (row.revision, row.body)), Some((Revision(100), "99".into())));
    Ok(())
}
