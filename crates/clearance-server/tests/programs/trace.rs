//! A trace of system calls: between the commit of a request and its answer lies a disk sync. SIGKILL alone proves none, for what a
//! killed program wrote is still in the system's memory.

use std::ffi::OsStr;
use std::process::Command;

use clearance_server::data::Opened;
use serde_json::json;

use crate::program::{Data, Server, call, close, http, person, tool};

const CALLS: &str = "trace=pwrite64,fdatasync,fsync,write,writev,sendto,sendmsg";

fn strace_is_here() -> bool {
    Command::new("strace").arg("--version").output().is_ok_and(|output| output.status.success())
}

#[tokio::test]
async fn a_disk_sync_lies_between_a_commit_and_its_answer() {
    if !strace_is_here() {
        assert!(std::env::var_os("CI").is_none(), "continuous integration never skips this: install strace");
        eprintln!(
            "\n\nSKIPPED: strace is not installed, so NOTHING shows that answers wait for the disk\n\n"
        );
        return;
    }
    let data = Data::new();
    let (ada, tool) = {
        let Opened { host, lock: _lock } = data.directory().open().await.unwrap();
        let tool = tool(&host, "Note taker", "low", &[]).await;
        let ada = person(&host, "Ada Lovelace").await;
        close(host);
        (ada, tool)
    };
    let trace = data.file("trace");
    let strace = ["strace", "-f", "-y", "-s", "65536", "-e", CALLS, "-o"].map(OsStr::new);
    let behind: Vec<&OsStr> = strace.into_iter().chain([trace.as_os_str()]).collect();
    let server = Server::start(&data, &behind);
    let input =
        json!({ "tool": tool, "purpose": "Minutes of meetings", "data_classes": ["internal"], "days": 1 });
    let sent = ("requests.submit", &input, "key-1");
    let (status, answer) = call(&http(), &server.address, &ada, sent).await.unwrap();
    assert_eq!(status, 200, "{answer:#}");
    // strace hands the signal on to nobody: it goes to the program itself, and strace ends with it.
    let program = std::fs::read_to_string(format!("/proc/{0}/task/{0}/children", server.id())).unwrap();
    let ended = Command::new("kill").args(["-TERM", program.trim()]).status().unwrap();
    assert!(ended.success());
    server.wait();
    let trace = std::fs::read_to_string(trace).unwrap();
    let request = answer["request"]["id"].as_str().unwrap();
    let short =
        || trace.lines().map(|line| line.chars().take(120).collect::<String>() + "\n").collect::<String>();
    order(&trace, request).unwrap_or_else(|problem| panic!("{problem} in the trace:\n{}", short()));
}

/// Commit, sync, answer, in this order.
fn order(trace: &str, request: &str) -> Result<(), &'static str> {
    let lines: Vec<&str> = trace.lines().collect();
    let last_before =
        |end: usize, wanted: &dyn Fn(&str) -> bool| lines[..end].iter().rposition(|line| wanted(line));
    let answered = lines
        .iter()
        .position(|line| line.contains("HTTP/1.1 200 OK") && line.contains(request))
        .ok_or("no answer with the request")?;
    let written = last_before(answered, &|line| {
        line.contains("pwrite64(") && line.contains("clearance.db-wal>") && line.contains(request)
    });
    let written = written.ok_or("no write of the request before the answer")?;
    // A sync that began after the write, and whose end was seen before the answer began.
    let since = &lines[written..answered];
    let synced = since.iter().enumerate().any(|(at, line)| {
        let thread = line.split_whitespace().next();
        let is_sync =
            (line.contains("fdatasync(") || line.contains("fsync(")) && line.contains("clearance.db-wal>");
        let is_over = |later: &&str| {
            later.split_whitespace().next() == thread
                && later.contains("sync resumed")
                && later.ends_with("= 0")
        };
        is_sync && (line.ends_with("= 0") || since[at..].iter().any(is_over))
    });
    if synced { Ok(()) } else { Err("no sync of the write-ahead log between the write and the answer") }
}

#[test]
fn the_order_is_told_from_the_trace() {
    let written = r#"7 pwrite64(9</d/clearance.db-wal>, "req_1", 5, 0) = 5"#;
    let synced = "7 fdatasync(9</d/clearance.db-wal>) = 0";
    let (begun, over) =
        ("7 fdatasync(9</d/clearance.db-wal> <unfinished ...>", "7 <... fdatasync resumed>) = 0");
    let elsewhere = "8 fsync(5</d/other>) = 0";
    let answered = r#"6 sendto(12, "HTTP/1.1 200 OK req_1", 21) = 21"#;
    let told = |lines: &[&str]| order(&lines.join("\n"), "req_1").is_ok();
    assert!(told(&[written, synced, answered]));
    assert!(told(&[written, &synced.replace("fdatasync", "fsync"), answered]));
    assert!(told(&[written, begun, elsewhere, over, answered]));
    assert!(!told(&[written, &synced.replace("= 0", "= -1 EIO (Input/output error)"), answered]));
    assert!(!told(&[written, answered]));
    assert!(!told(&[synced, written, answered]));
    assert!(!told(&[written, answered, synced]));
    assert!(!told(&[written, begun, answered, over]));
    assert!(!told(&[written, elsewhere, answered]));
    assert!(!told(&[synced, answered]));
}
