//! What an auditor takes away.

use serde_json::json;

use super::Company;
use crate::stage::{Part, Stage};
use crate::text;

/// An export is made by whatever does what is due there, is fetched in portions by whoever began it, and is gone after a day.
pub fn exports(stage: &impl Stage) {
    let company = Company::on(stage);
    let (audrey, rita) = (&company.audrey, stage.enter("Rita Requester", Part::Requester));
    let tool = company.tool("Note taker", json!({}));
    let grant = text(&company.take(&rita, &tool, 20)["id"]);
    let scope = json!({ "scope": { "of": "grant", "grant": grant } });
    stage.refused(&company.owen, "exports.begin", scope.clone(), "not_permitted");
    let begun = stage.call(audrey, "exports.begin", scope)["export"].take();
    stage.pass(0);
    let made = stage.all(audrey, "exports.list", json!({})).remove(0);
    assert_eq!((&made["id"], &made["progress"]["is"]), (&begun["id"], &json!("kept")));
    assert!(made["records"].as_u64().is_some_and(|records| records > 3), "{made:#}");
    let read = json!({ "export": begun["id"] });
    let portion = stage.call(audrey, "exports.read", read.clone());
    // As base64: the first bytes of a zip file.
    assert!(text(&portion["content"]).starts_with("UEsDB"), "{portion:#}");
    assert_eq!(portion["next"], json!(null));
    stage.refused(&company.alice, "exports.read", read.clone(), "not_found");
    let kinds = stage.log_kinds();
    for kind in ["evidence.export_begun", "evidence.exported"] {
        assert_eq!(kinds.iter().filter(|logged| *logged == kind).count(), 1, "{kind}");
    }
    stage.pass(2);
    stage.refused(audrey, "exports.read", read, "not_found");
    assert!(!stage.stored().contains(r#""content":"UEs"#), "nothing of it is kept");
    company.end();
}
