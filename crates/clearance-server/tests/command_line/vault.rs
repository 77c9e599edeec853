//! Where the vault's key comes from, and a new one in its place.

use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Output};

use super::{Data, PROGRAM, Server};

fn run(data: &Data, environment: &[(&str, &str)], arguments: &[&str]) -> Output {
    let mut command = Command::new(PROGRAM);
    command.args(arguments).arg("--data").arg(data.path()).envs(environment.iter().copied());
    command.output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn a_new_key_takes_the_place_of_the_one_in_the_file_but_not_under_a_server() {
    let data = Data::new();
    data.add("Ada", "admin");
    let file = data.path().join("vault.key");
    let before = std::fs::read(&file).unwrap();

    let server = Server::start(&data, &[]);
    let refused = run(&data, &[], &["vault", "rotate-key"]);
    assert!(!refused.status.success() && said(&refused).contains("stop the server first"), "{refused:?}");
    assert_eq!(std::fs::read(&file).unwrap(), before);
    drop(server);

    assert!(data.says(&["vault", "rotate-key"]).contains("secrets are sealed under the new key"));
    let after = std::fs::read(&file).unwrap();
    assert_eq!(after.len(), 32);
    assert_ne!(after, before);
    // The server starts with it: its Core knows the site's key still, and no other is made.
    drop(Server::start(&data, &[]));

    // The key from before opens nothing any more, and puts nothing into the file.
    std::fs::write(&file, &before).unwrap();
    for arguments in [["core", "status"], ["vault", "rotate-key"]] {
        let refused = run(&data, &[], &arguments);
        assert!(
            !refused.status.success() && said(&refused).contains("not the key of this database"),
            "{refused:?}"
        );
    }
    assert_eq!(std::fs::read(&file).unwrap(), before);
}

#[test]
fn the_key_may_lie_elsewhere_or_come_from_the_environment_and_then_no_file_is_made() {
    let data = Data::new();
    let elsewhere = tempfile::tempdir().unwrap();
    let key = elsewhere.path().join("clearance.key");
    std::fs::write(data.path().join("clearance.toml"), format!("vault_key_file = {key:?}\n")).unwrap();
    let status = |environment: &[(&str, &str)]| said(&run(&data, environment, &["core", "status"]));
    assert!(status(&[]).contains("clearance.key"), "a missing file is named, and not made");
    assert!(!key.exists());
    std::fs::write(&key, [7; 32]).unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    assert!(status(&[]).contains("no ArdSaor Core is set up"), "{}", status(&[]));
    assert!(!data.path().join("vault.key").exists());

    let hexadecimal = |byte: u8| {
        (0..32).fold(String::new(), |mut text, _| {
            write!(text, "{byte:02x}").unwrap();
            text
        })
    };
    let (old, new) = (hexadecimal(7), hexadecimal(8));
    let name = "CLEARANCE_VAULT_KEY";
    assert!(status(&[(name, &old)]).contains("no ArdSaor Core is set up"));
    assert!(status(&[(name, &new)]).contains("not the key of this database"));
    assert!(status(&[(name, "hunter2")]).contains("must be 32 bytes"));
    assert!(!status(&[(name, "hunter2")]).contains("hunter2"));

    let rotate = |environment: &[(&str, &str)]| said(&run(&data, environment, &["vault", "rotate-key"]));
    assert!(rotate(&[(name, &old)]).contains("CLEARANCE_VAULT_KEY_OLD"));
    let both = [(name, new.as_str()), ("CLEARANCE_VAULT_KEY_OLD", old.as_str())];
    assert!(status(&both).contains("no ArdSaor Core is set up"), "both open until the end");
    assert!(rotate(&both).contains("sealed under the new key"));
    assert!(status(&[(name, &new)]).contains("no ArdSaor Core is set up"));
    assert!(status(&[(name, &old)]).contains("not the key of this database"));
}
