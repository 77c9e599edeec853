//! The program itself, beside a Core that serves.

use std::path::Path;
use std::process::{Command, Output};

use core_protocol::message::{Operation, Outcome};
use core_protocol::pairing::PairingCode;

use crate::support::Site;
use crate::support::directory::Kind;

fn run(data: &Path, arguments: &[&str]) -> Output {
    let program = env!("CARGO_BIN_EXE_ardsaor-core");
    Command::new(program).args(arguments).arg("--data").arg(data).output().unwrap()
}

fn printed(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[tokio::test]
async fn installations_are_added_and_changed_beside_a_running_core() {
    let site = Site::start().await;
    let data = site.data.path().join("core");
    // The program's clock is the real one, which the test's Core must share for the code's ten minutes.
    site.surroundings.set(&ardsaor_core::System);
    let added = printed(&run(&data, &["installation", "add", "Acme", "--kind", "self-hosted"]));
    let code = added.split_whitespace().find(|word| word.starts_with("pair_")).unwrap();
    let caller = site.pair(&PairingCode::parse(code).unwrap(), &[]).await.unwrap();
    let kind = Kind::OktaToken;
    let test = || Operation::TestConnector {};
    assert_eq!(kind.call(&site, &caller, test()).await, Outcome::Connected {});

    let id = caller.installation.as_str();
    let listed = printed(&run(&data, &["installation", "list"]));
    assert!(listed.contains(id) && listed.contains("enabled") && listed.contains("1 keys"), "{listed}");
    assert!(!listed.contains(caller.key.to_text().as_str()));
    printed(&run(&data, &["installation", "disable", id]));
    let prepared = site.prepare(&caller, |key, nonce| kind.connector(key, nonce), test());
    assert_eq!(site.send(&prepared).await.code(), "installation_disabled");
    printed(&run(&data, &["installation", "enable", id]));
    assert_eq!(kind.call(&site, &caller, test()).await, Outcome::Connected {});
    let rotated = printed(&run(&data, &["installation", "rotate-key", id]));
    let code = rotated.split_whitespace().find(|word| word.starts_with("pair_")).unwrap();
    assert!(site.pair(&PairingCode::parse(code).unwrap(), &[]).await.is_ok());

    let unknown = run(&data, &["installation", "disable", "inst_unknown"]);
    assert!(!unknown.status.success());
    // One Core serves from a directory: a second one does not start.
    let second = run(&data, &["serve"]);
    assert!(!second.status.success());
    assert!(String::from_utf8_lossy(&second.stderr).contains("another ardsaor-core"), "{second:?}");
}

#[test]
fn a_configuration_is_checked_without_starting() {
    let data = tempfile::tempdir().unwrap();
    assert!(printed(&run(data.path(), &["config", "check"])).contains("127.0.0.1:8790"));
    std::fs::write(data.path().join("core.toml"), "listen = '0.0.0.0:8790'").unwrap();
    let refused = run(data.path(), &["config", "check"]);
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("in the clear"), "{refused:?}");
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_the_database() {
    use std::os::unix::fs::PermissionsExt as _;

    let data = tempfile::tempdir().unwrap();
    let directory = data.path().join("core");
    printed(&run(&directory, &["installation", "list"]));
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&directory), 0o700);
    assert_eq!(mode(&directory.join("core.sqlite")), 0o600);
}
