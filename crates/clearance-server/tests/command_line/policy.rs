//! `clearance policy`: a policy leaves as a file, is reviewed elsewhere, and comes back.

use std::fs;

use serde_json::Value;

use super::Data;

/// A site with an administrator and the starter catalogue.
fn site() -> Data {
    let data = Data::new();
    data.add("Ada", "admin");
    data.says(&["catalog", "load-starter"]);
    data
}

fn write(data: &Data, name: &str, text: &str) -> String {
    let path = data.path().join(name);
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_policy_goes_out_and_comes_back_as_it_was() {
    let data = site();
    let exported = data.says(&["policy", "export"]);
    assert!(exported.starts_with("# Policy version 1."), "{exported}");
    let file = write(&data, "policy.yaml", &exported);
    assert!(data.says(&["policy", "lint", &file]).contains("0 errors"));
    assert_eq!(data.says(&["policy", "apply", &file]), "The active policy says this already.\n");
    assert_eq!(data.json(&["policy", "export"])["rules"], {
        let again: Value = data.json(&["policy", "export", "--version", "1"]);
        again["rules"].clone()
    });
    assert!(data.says(&["policy", "replay"]).contains("0 differ"));
}

#[test]
fn names_stand_beside_ids() {
    let data = site();
    let added = data.json(&["people", "add", "--name", "Olga", "--email", "olga@example.com"]);
    let olga = added["person"]["id"].as_str().unwrap();
    let file = write(
        &data,
        "policy.yaml",
        &format!(
            "rules:\n  - name: Ask Olga\n    then:\n      kind: require_stages\n      stages:\n        - name: Look\n          approvers: [person: {olga}]\n          quorum: any\n"
        ),
    );
    data.says(&["policy", "apply", &file, "--draft-only"]);
    let exported = data.says(&["policy", "export", "--draft"]);
    let line = exported.lines().find(|line| line.contains(olga)).unwrap();
    assert!(line.ends_with(&format!("{olga}  # Olga")), "{exported}");
    let again = write(&data, "again.yaml", &exported);
    assert!(data.says(&["policy", "lint", &again]).contains("Ask Olga"), "comments hinder nobody");
}

#[test]
fn narrower_is_published_and_wider_waits() {
    let data = site();
    let exported = data.says(&["policy", "export"]);
    let narrower = format!(
        "{exported}- name: Nothing confidential\n  when:\n    any_data_class: [confidential]\n  then:\n    kind: deny\n    reason: Not with confidential data\n"
    );
    let narrower = write(&data, "narrower.yaml", &narrower);
    let lint = data.says(&["policy", "lint", &narrower]);
    assert!(lint.contains("It gives nothing more than the active policy."), "{lint}");
    assert!(data.says(&["policy", "back-test", &narrower]).contains("0 would fare differently"));
    assert!(data.complains(&["policy", "export", "--draft"]).contains("there is no draft"));
    data.says(&["policy", "apply", &narrower, "--draft-only"]);
    assert!(data.says(&["policy", "export", "--draft"]).contains("Nothing confidential"));
    assert!(data.complains(&["policy", "apply", &narrower]).contains("--replace-draft"));
    let published = data.says(&["policy", "apply", &narrower, "--replace-draft", "--note", "Reviewed"]);
    assert_eq!(published, "Version 2 decides from now on.\n");

    let original = write(&data, "original.yaml", &exported);
    let lint = data.says(&["policy", "lint", &original]);
    assert!(lint.contains("It gives more than the active policy, for example"), "{lint}");
    assert!(lint.contains("now: denied: Not with confidential data"), "{lint}");
    assert!(data.says(&["policy", "apply", &original]).contains("waits for a second administrator"));
    assert!(data.says(&["policy", "export"]).starts_with("# Policy version 2."), "nothing changed yet");
}

#[test]
fn a_file_that_is_no_policy_is_refused_with_its_place() {
    let data = site();
    for (text, complaint) in [
        ("rules:\n  - name: x\n    then: {kind: approve}\n", "kind"),
        ("rules:\n  - name: x\n    then: {kind: deny, reason: no}\n    often: true\n", "often"),
        ("rules: [", "line"),
    ] {
        let file = write(&data, "bad.yaml", text);
        let said = data.complains(&["policy", "lint", &file]);
        assert!(said.contains("bad.yaml is no policy") && said.contains(complaint), "{said}");
    }
    let unknown = "rules:\n  - name: x\n    when: {tools: [tool_394txfn19ny6t528z0wjyx6kqm]}\n    then: {kind: deny, reason: no}\n";
    let file = write(&data, "unknown.yaml", unknown);
    let output = data.run(&["policy", "lint", &file]);
    assert!(!output.status.success(), "an error ends with 1");
    assert!(String::from_utf8(output.stdout).unwrap().contains("unknown_tool"));
}
