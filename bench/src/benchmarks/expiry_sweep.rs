//! B6: the clockwork ends what is due while people go on asking.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use audit_log::{CompactRange, Value};
use clearance::audit::Actor;
use clearance::catalog::Tool;
use clearance::documents::Document;
use clearance::grant::{EndReason, Grant};
use clearance::ports::{Kind, Moment};
use clearance::provisioning::{Job, Task};
use clearance::time::Timestamp;
use rusqlite::Connection;

use super::Bench;
use crate::cycles::Done;
use crate::guards::{count, open};
use crate::report::{Figure, Goal};
use crate::site::{DataDirectory, Due, Site};
use crate::stopwatch::Stopwatch;
use crate::tokens::now;

const ANY_DUE: &str = "SELECT 1 FROM access_grant WHERE running = 'running' AND ends_at < $1 LIMIT 1";

pub(super) fn run(bench: &mut Bench) -> anyhow::Result<()> {
    let due = bench.cache.size().due;
    let bare = bare(bench)?;
    let (sweep, meanwhile) = sweep(bench, Due::Some, true)?;
    let report = &mut bench.report;
    report.add(Figure::new(
        "B6",
        format!("{due} due: bare SQL writes, 1,000 a transaction"),
        bare,
        "s",
        Goal::None,
    ));
    report.add(Figure::new("B6", format!("{due} due: sweep beside B1"), sweep, "s", Goal::None));
    report.add(Figure::new("B6", "sweep against bare SQL", sweep / bare, "×", Goal::AtMost(2.0)));
    let p99 = meanwhile.latencies.p99_ms();
    report.add(Figure::new(
        "B6",
        format!("B1 p99 meanwhile ({} cycles)", meanwhile.latencies.len()),
        p99,
        "ms",
        Goal::AtMost(25.0),
    ));
    report.add(Figure::held("B6", "one removal job for each expired grant; log verifies"));

    let group = bench.cache.size().group;
    let (spread, _) = self::sweep(bench, Due::Spread, false)?;
    let (one_tool, _) = self::sweep(bench, Due::OneTool, false)?;
    bench.report.add(
        Figure::new(
            "B6",
            format!("{group} due of one tool against spread over all"),
            one_tool / spread,
            "×",
            Goal::AtMost(1.2),
        )
        .over(1.0 / spread, "(seconds spread)"),
    );
    Ok(())
}

/// Seconds that the server's own clockwork takes, with or without a client beside it.
fn sweep(bench: &Bench, due: Due, beside: bool) -> anyhow::Result<(f64, Done)> {
    let (data, load) = bench.site(Site::Grants(due))?;
    let (entries, jobs) = {
        let connection = open(&data.database())?;
        (count(&connection, "log_entry")?, count(&connection, "job")?)
    };
    let server = bench.program.serve(data.path())?;
    let address = server.address();
    // Its first pass begins with the server.
    let watcher = {
        let (load, database) = (load.clone(), data.database());
        std::thread::spawn(move || -> anyhow::Result<Timestamp> {
            let outcome = all_swept(&database);
            load.stop();
            outcome
        })
    };
    let meanwhile = if beside {
        bench.runtime.block_on(load.run(address, 1, Duration::from_mins(10)))?
    } else {
        Done::default()
    };
    let ended = watcher.join().map_err(|_| anyhow::anyhow!("the watcher panicked"))??;
    server.stop()?;
    let begun = first_removal(&data, entries)?;
    check(bench, &data, due, jobs, u64::try_from(meanwhile.latencies.len())?)?;
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of one run")]
    let milliseconds = (ended.as_millisecond() - begun.as_millisecond()) as f64;
    Ok((milliseconds / 1e3, meanwhile))
}

/// Waits until nothing is due any more.
fn all_swept(database: &std::path::Path) -> anyhow::Result<Timestamp> {
    let connection = open(database)?;
    let limit = Stopwatch::start();
    let mut any_due = connection.prepare(ANY_DUE)?;
    while any_due.exists([now().to_string()])? {
        ensure!(limit.elapsed() < Duration::from_mins(10), "the sweep does not end");
        #[expect(
            clippy::disallowed_methods,
            reason = "looks again after a moment; the sweep has no event for others"
        )]
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(now())
}

/// The time that the sweep's first entry bears.
fn first_removal(data: &DataDirectory, from: u64) -> anyhow::Result<Timestamp> {
    let connection = open(&data.database())?;
    let at: String = connection.query_row(
        "SELECT json_extract(CAST(body AS TEXT), '$.at') FROM log_entry
         WHERE position >= $1 AND json_extract(CAST(body AS TEXT), '$.kind') = 'grant.removing' ORDER BY position LIMIT 1",
        [i64::try_from(from)?],
        |row| row.get(0),
    )?;
    at.parse().context("the time of an entry")
}

/// Exactly one removal job for each grant that was due, none for others.
fn check(bench: &Bench, data: &DataDirectory, due: Due, jobs: u64, cycles: u64) -> anyhow::Result<()> {
    let size = bench.cache.size();
    let expected = u64::from(if due == Due::Some { size.due } else { size.group });
    let connection = open(&data.database())?;
    let removing = count(&connection, "access_grant WHERE state = 'removing'")?;
    ensure!(removing == expected, "{expected} were due and {removing} are being removed");
    let with_one = count(
        &connection,
        "(SELECT g.key FROM access_grant g JOIN job j ON j.grant_id = g.key WHERE g.state = 'removing'
          AND json_extract(j.body, '$.task') = 'deprovision' GROUP BY g.key HAVING count(*) = 1)",
    )?;
    ensure!(with_one == expected, "{with_one} of {expected} expired grants have exactly one removal job");
    // The jobs of the cycles beside it give access, they do not remove it.
    let all = count(&connection, "job")? - jobs;
    ensure!(all == expected + cycles, "{all} jobs were made by {expected} removals and {cycles} cycles");
    drop(connection);
    bench.program.verify(data.path())
}

/// Seconds that the same rows take as bare SQL: prepared statements, transactions of 1,000 grants, the store's own settings, nothing
/// read and nothing decided.
fn bare(bench: &Bench) -> anyhow::Result<f64> {
    let data = bench.cache.copy(Site::Grants(Due::Some))?;
    let connection = Connection::open(data.database())?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA cache_size = -32768;
         PRAGMA wal_autocheckpoint = 16384;",
    )?;
    let written = prepare(&connection)?;
    let mut head = read_head(&connection)?;
    let mut update = connection.prepare(&update_text(Grant::KIND))?;
    let mut insert = connection.prepare(&insert_text(Job::KIND))?;
    let mut append =
        connection.prepare("INSERT INTO log_entry (position, leaf_hash, body) VALUES ($1, $2, $3)")?;
    let mut move_head =
        connection.prepare("UPDATE log_head SET size = $1, compact_range = $2 WHERE id = 1")?;
    let begun = Stopwatch::start();
    for chunk in written.chunks(1_000) {
        connection.execute_batch("BEGIN IMMEDIATE")?;
        for (grant, job, entries) in chunk {
            update.execute(rusqlite::params_from_iter(grant))?;
            insert.execute(rusqlite::params_from_iter(job))?;
            for entry in entries {
                append.execute((
                    i64::try_from(head.size())?,
                    entry.leaf_hash().as_bytes().as_slice(),
                    entry.bytes(),
                ))?;
                head.append(entry.leaf_hash());
            }
        }
        move_head.execute((i64::try_from(head.size())?, head.to_bytes()))?;
        connection.execute_batch("COMMIT")?;
    }
    Ok(begun.elapsed().as_secs_f64())
}

type Values = Vec<Option<String>>;

/// The values of every row that a sweep writes, made beforehand.
fn prepare(connection: &Connection) -> anyhow::Result<Vec<(Values, Values, [audit_log::Entry; 2])>> {
    let mut due = connection.prepare(
        "SELECT g.body, t.body FROM access_grant g JOIN tool t ON t.key = json_extract(g.body, '$.tool')
         WHERE g.running = 'running' AND g.ends_at < $1 ORDER BY g.ends_at",
    )?;
    let time = now();
    let mut rows = due.query([time.to_string()])?;
    let mut written = Vec::new();
    while let Some(row) = rows.next()? {
        let grant: Grant = serde_json::from_str(&row.get::<_, String>(0)?)?;
        let tool: Tool = serde_json::from_str(&row.get::<_, String>(1)?)?;
        let mut seed = [0; 32];
        let number = u64::try_from(written.len())?;
        seed.iter_mut().zip(number.to_be_bytes()).for_each(|(to, from)| *to = from);
        let moment = Moment::new(time, seed);
        let removing = grant
            .remove(EndReason::Expired, time)
            .map_err(|refusal| anyhow::anyhow!("{}", refusal.message()))?;
        let job = Job::queue(&moment, &Actor::System, Task::Deprovision, &removing, &tool);
        let record = |kind: &str, facts: Value| {
            let (at, kind) = (time.to_string(), kind.to_owned());
            audit_log::Record { at, kind, actor: Actor::System.to_value(), facts }.prepare()
        };
        let queued = record(
            "job.queued",
            Value::object([
                ("job", Value::from(job.id.to_string())),
                ("grant", Value::from(grant.id.to_string())),
                ("task", Value::from(job.task.as_str())),
            ]),
        )?;
        let removing_entry = record(
            "grant.removing",
            Value::object([
                ("grant", Value::from(grant.id.to_string())),
                ("person", Value::from(grant.person.to_string())),
                ("tool", Value::from(grant.tool.to_string())),
                ("reason", Value::from(EndReason::Expired.as_str())),
            ]),
        )?;
        let state = Some(removing.state_name().to_owned());
        let grant = vec![Some(serde_json::to_string(&removing)?), state, Some(removing.key())];
        let mut inserted = vec![Some(job.key())];
        inserted.extend(values(&job)?);
        written.push((grant, inserted, [queued, removing_entry]));
    }
    Ok(written)
}

/// Body and attributes.
fn values<D: Document>(document: &D) -> anyhow::Result<Values> {
    let mut values = vec![Some(serde_json::to_string(document)?)];
    values.extend(document.attributes());
    Ok(values)
}

/// Only what changes: no index is touched that need not be.
fn update_text(kind: &Kind) -> String {
    format!(
        "UPDATE {} SET revision = revision + 1, body = $1, state = $2, running = NULL, ends_at = NULL
         WHERE key = $3 AND revision = 1",
        kind.name
    )
}

fn insert_text(kind: &Kind) -> String {
    let columns: Vec<_> = kind.attributes.iter().map(|name| format!("\"{name}\"")).collect();
    let places: Vec<_> = (3..).zip(kind.attributes).map(|(place, _)| format!("${place}")).collect();
    format!(
        "INSERT INTO {} (key, body, revision, {}) VALUES ($1, $2, 1, {})",
        kind.name,
        columns.join(", "),
        places.join(", ")
    )
}

fn read_head(connection: &Connection) -> anyhow::Result<CompactRange> {
    let bytes: Vec<u8> = connection.query_row("SELECT compact_range FROM log_head", [], |row| row.get(0))?;
    CompactRange::from_bytes(&bytes).map_err(|_| anyhow::anyhow!("the log's head does not read as one"))
}
