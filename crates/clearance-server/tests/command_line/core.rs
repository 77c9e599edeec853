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

#[test]
fn core_is_backed_up_with_the_site_and_put_in_place_where_there_is_none() {
    let data = Data::new();
    let mut server = Server::start(&data, &[]);
    assert!((0..200).any(|_| run(&data, &["core", "status"], "").0));
    let backup = data.path().join("backup.db");
    let said = data.says(&["backup", backup.to_str().unwrap()]);
    let copy = data.path().join("backup.db.core");
    assert!(said.contains("backup.db.core") && copy.exists(), "{said}");
    server.child.kill().unwrap();
    server.child.wait().unwrap();

    // The Core that is there stays.
    let restore = ["restore", backup.to_str().unwrap(), "--accept-loss"];
    assert!(!data.says(&restore).contains("Core's database"));
    let (before, core) = (std::fs::read(&copy).unwrap(), data.path().join("core"));
    std::fs::remove_dir_all(&core).unwrap();
    assert!(data.says(&restore).contains("ArdSaor Core's database was put in place."));
    assert_eq!(std::fs::read(&copy).unwrap(), before);
    // It knows the site: nothing is paired anew, and no group is lost.
    let installations = || {
        let database = ardsaor_core::database::Database::open(&core).unwrap();
        let known =
            ardsaor_core::Installations::of(database).list(ardsaor_core::Environment::now(&System)).unwrap();
        known.iter().map(|it| it.id.to_string()).collect::<Vec<_>>()
    };
    let restored = installations();
    assert_eq!(restored.len(), 1);
    let _server = Server::start(&data, &[]);
    assert!((0..200).any(|_| run(&data, &["core", "status"], "").0));
    assert_eq!(installations(), restored);
    assert!(data.complains(&["backup", backup.to_str().unwrap()]).contains("already"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_watches_the_server_sees_how_it_stands_with_core() {
    async fn page(server: &Server, path: &str) -> (u16, String) {
        let answer = reqwest::get(format!("{}{path}", server.address)).await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }
    async fn until(server: &Server, told: &str) -> bool {
        for _ in 0..500 {
            let (status, text) = page(server, "/readyz").await;
            assert_eq!(status, 200, "{text}");
            if text.contains(told) {
                return true;
            }
        }
        false
    }
    let data = Data::new();
    let server = Server::start(&data, &[]);
    assert!(until(&server, r#""core":"paired""#).await);
    // What is wrong there is counted, and not that the server asks how it stands.
    let core = std::fs::read_to_string(data.path().join("core/address")).unwrap();
    let calls = format!("http://{}/v1/calls", core.trim());
    assert_eq!(reqwest::Client::new().post(calls).body("{}").send().await.unwrap().status(), 401);
    let (_, metrics) = page(&server, "/metrics").await;
    assert!(metrics.contains("clearance_core{state=\"paired\"} 1\n"), "{metrics}");
    let refused: Vec<_> =
        metrics.lines().filter(|line| line.starts_with("ardsaor_core_refused_total")).collect();
    assert_eq!(refused, [r#"ardsaor_core_refused_total{code="signature_field_missing"} 1"#], "{metrics}");
    assert!(metrics.ends_with("# EOF\n") && metrics.matches("# EOF").count() == 1, "{metrics}");

    // Another program that is not there makes the server no less ready.
    let data = Data::new();
    std::fs::write(data.path().join("clearance.toml"), "[core]\nurl = \"http://127.0.0.1:9\"\n").unwrap();
    let server = Server::start(&data, &[]);
    assert!(until(&server, r#""core":"not_paired""#).await);
    let (_, metrics) = page(&server, "/metrics").await;
    assert!(metrics.contains("clearance_core{state=\"not_paired\"} 1\n"), "{metrics}");
    assert!(!metrics.contains("ardsaor_core_") && metrics.ends_with("# EOF\n"), "{metrics}");
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
