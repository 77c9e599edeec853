//! The Core inside a server, seen from the command line beside it; and another program in its place.

use std::io::Write as _;
use std::process::{Command, Stdio};

use ardsaor_core::provider::Endpoints;
use ardsaor_core::{Core, InstallationKind, Settings, System};

use super::{Data, PROGRAM, Server};

fn run(data: &Data, arguments: &[&str], input: &str) -> (bool, String) {
    let mut command = Command::new(PROGRAM);
    command.args(arguments).arg("--data").arg(data.path());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // Whoever refuses before reading closes the pipe.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.success(), said)
}

#[test]
fn the_command_line_calls_the_core_of_a_running_server_and_another_server_takes_over() {
    let data = Data::new();
    let status = || run(&data, &["core", "status"], "");
    assert_eq!(status(), (false, "Core at     inside the server\nno ArdSaor Core is set up.\n".to_owned()));
    let mut first = Server::start(&data, &[]);
    let knows = (true, "Core at     inside the server\nIt knows this site.\n".to_owned());
    assert_eq!(status(), knows);
    let mut second = Server::start(&data, &[]);
    // Killed, the first leaves its address behind.
    first.child.kill().unwrap();
    first.child.wait().unwrap();
    assert!(second.logs("Core serves").contains("\"level\":\"info\""));
    // The line is written before the address is: ask until it is there.
    assert!((0..200).any(|_| status() == knows));
    let (paired, said) = run(&data, &["core", "pair"], "pair_x");
    assert!(!paired && said.contains("pairs with it by itself"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_core_elsewhere_is_paired_with_a_code_from_standard_input() {
    let (data, theirs) = (Data::new(), tempfile::tempdir().unwrap());
    let settings = Settings::inside(theirs.path().to_owned());
    let core = Core::start(settings, System, Endpoints::Public).await.unwrap();
    let configuration = format!("[core]\nurl = \"http://{}\"\n", core.address());
    std::fs::write(data.path().join("clearance.toml"), configuration).unwrap();
    let (good, said) = run(&data, &["core", "status"], "");
    assert!(!good && said.contains("`clearance core pair`"), "{said}");
    let (id, code) = core.installations().add(&System, "Acme", InstallationKind::SelfHosted).unwrap();
    let (good, said) = run(&data, &["core", "pair"], "pair_nonsense");
    assert!(!good && said.contains("not a valid pairing code"), "{said}");
    let (good, said) = run(&data, &["core", "pair"], &format!("{}\n", *code.to_text()));
    assert!(good && said == format!("Paired as {id}.\n"), "{said}");
    assert!(!said.contains("pair_"));
    assert!(run(&data, &["core", "status"], "").0);
    let (good, said) = run(&data, &["core", "pair"], &code.to_text());
    assert!(!good && said.contains("pairing_code_unknown"), "a code works once: {said}");
    let (good, said) =
        run(&data, &["serve", "--dangerous-loopback-providers", "okta=127.0.0.1:1,entra=127.0.0.1:1"], "");
    assert!(!good && said.contains("`core.url`"), "{said}");
    core.stop().await.unwrap();
}
