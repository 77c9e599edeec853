//! What is decided about findings, carried out at the provider.

use clearance::ports::CoreError;
use serde_json::json;
use testkit::connected::TENANT;
use testkit::{Client as _, text};

use crate::drift::{World, kinds};

impl World {
    fn members(&self) -> Vec<String> {
        self.site.core().members(TENANT, &self.at.group)
    }

    /// Ben's access, by a grant that his account was given for.
    fn approve_ben(&self) -> String {
        let grant = text(&self.ben.signed_in_again().take(&self.at.tool, 30)["id"]);
        self.site.run_jobs();
        assert_eq!(self.alice.signed_in_again().grant(&grant)["state"], "active");
        grant
    }
}

#[test]
fn a_removal_stays_open_with_its_job_until_the_provider_confirms_it() {
    let world = World::new();
    world.join("00ustranger001");
    world.site.check_drift();
    world.site.core().set_down(Some(CoreError::Unreachable("down".to_owned())));
    let finding =
        world.dispose(&world.only("open"), json!({ "kind": "removal", "reason": "Nobody knows it" }));
    world.site.run_jobs();
    assert_eq!((&finding["state"], &finding["disposition"]["kind"]), (&json!("open"), &json!("removal")));
    let job = &finding["disposition"]["job"];
    assert!(job.is_string(), "{finding:#}");
    assert_eq!(world.only("open")["dispositions"], json!([]));
    world.site.core().set_down(None);
    world.site.advance_minutes(60);
    world.site.run_jobs();
    assert_eq!(world.members(), Vec::<String>::new());
    let settled = world.only("settled");
    assert_eq!(settled["disposition"]["kind"], "removal");
    assert_eq!(settled["disposition"]["by"]["id"], world.alice.id());
    assert_eq!(world.alice.call("jobs.get", json!({ "job": job })).ok()["job"]["state"], "succeeded");
    assert_eq!(world.check_later().found, 0);
}

#[test]
fn who_is_missing_is_put_in_again_under_the_same_grant_or_loses_it() {
    let world = World::new();
    let grant = world.approve_ben();
    let ends_at = world.alice.grant(&grant)["ends_at"].clone();
    world.leave("00uben00000001");
    world.site.check_drift();
    let finding = world.only("open");
    assert_eq!((&finding["kind"], &finding["grant"]), (&json!("approved_but_missing"), &json!(grant)));
    assert_eq!(finding["dispositions"], json!(["restore", "removal"]));
    // A check restores nothing.
    assert_eq!(world.members(), Vec::<String>::new());
    world.dispose(&finding, json!({ "kind": "restore", "reason": "Taken out by mistake" }));
    world.site.run_jobs();
    assert_eq!(world.members(), ["00uben00000001"]);
    assert_eq!(world.only("settled")["disposition"]["kind"], "restore");
    assert_eq!(world.alice.grant(&grant)["ends_at"], ends_at);

    world.leave("00uben00000001");
    world.check_later();
    world.dispose(&world.only("open"), json!({ "kind": "removal", "reason": "He does not need it" }));
    world.site.run_jobs();
    assert_eq!(world.alice.grant(&grant)["state"], "ended");
    assert_eq!(world.open(), kinds([]));
}

#[test]
fn an_ended_grant_is_never_restored_and_who_is_there_again_is_found_so() {
    let world = World::new();
    let grant = world.approve_ben();
    world.ben.call("grants.give_back", json!({ "grant": grant })).ok();
    world.site.run_jobs();
    assert_eq!((world.members(), &world.alice.grant(&grant)["state"]), (Vec::new(), &json!("ended")));
    world.join("00uben00000001");
    world.site.check_drift();
    let finding = world.only("open");
    assert_eq!((&finding["kind"], &finding["grant"]), (&json!("resurrected"), &json!(grant)));
    world.check_later();
    assert_eq!((world.members().len(), world.open()), (1, kinds([("resurrected", 1)])));
    // The second look, which is due by now, finds the same and not another.
    world.site.run_jobs();
    assert_eq!(world.open(), kinds([("resurrected", 1)]));
    assert_eq!(world.alice.grant(&grant)["state"], "ended");
}

#[test]
fn many_removals_wait_behind_what_people_wait_for() {
    let world = World::new();
    for number in 0..30 {
        world.join(&format!("00umember{number:05}"));
    }
    world.site.check_drift();
    let ids: Vec<_> = world.findings("open").iter().map(|finding| finding["id"].clone()).collect();
    let removal = json!({ "kind": "removal", "reason": "Nobody knows them" });
    world.alice.call("drift.dispose_many", json!({ "findings": ids, "disposition": removal })).ok();
    let jobs = world.alice.all("jobs.list", json!({ "tool": world.at.tool, "state": "queued" }));
    assert_eq!(jobs.iter().filter(|job| job["lane"] == "sweep").count(), 30);
    let pass = || {
        for _ in 0..12 {
            world.site.run_jobs();
            world.site.advance_minutes(1);
        }
    };
    pass();
    // The brake lets ten go, and a person decides about the others.
    assert_eq!(world.members().len(), 20);
    // And each time ten more.
    for left in [10, 0] {
        world.site.console("provider_groups.release_hold", json!({ "tool": world.at.tool }));
        pass();
        assert_eq!(world.members().len(), left);
    }
    assert_eq!(world.open(), kinds([]));
}
