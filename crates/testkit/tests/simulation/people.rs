//! What people do: ask, extend, give back, decide, review, take access in an emergency.

use serde_json::json;

use super::{ADMINISTRATORS, Company, SECURITY, Somebody};

impl Company {
    pub(super) fn something_happens(&mut self) {
        let who = self.anybody();
        match self.chance.below(100) {
            0..=59 => self.ask(&who),
            60..=69 => self.with_a_grant("grants.give_back"),
            70..=84 => self.with_a_grant("grants.extend"),
            85..=89 => self.with_a_grant("grants.revoke"),
            90..=92 => self.in_an_emergency(),
            93..=95 => self.answer_offers(),
            _ => {
                let mine = json!({ "requester": "me", "limit": 5 });
                let requests = self.items(&who, "requests.list", &mine);
                for request in requests.iter().filter(|request| request["may_cancel"] == true) {
                    self.act(&who, "requests.cancel", &json!({ "request": request["id"] }));
                }
            }
        }
    }

    pub(super) fn ask(&mut self, who: &Somebody) {
        let tool = if self.chance.one_in(4) {
            self.chance.pick(&self.connected).tool.clone()
        } else {
            self.chance.pick(&self.tools).clone()
        };
        let classes = if self.chance.one_in(3) { json!(["public"]) } else { json!(["internal"]) };
        let days = *self.chance.pick(&[5, 14, 30, 30, 60, 90]);
        let request =
            json!({ "tool": tool, "purpose": "Draft the minutes", "data_classes": classes, "days": days });
        self.act(who, "requests.submit", &request);
        // Some forget what they have asked for, or cannot wait.
        if self.chance.one_in(20) {
            self.act(who, "requests.submit", &request);
        }
    }

    /// Whoever has access that is listed does something with it; administrators revoke it.
    pub(super) fn with_a_grant(&mut self, operation: &str) {
        let admin = self.administrator();
        let grants = self.items(&admin, "grants.list", &json!({ "state": "active", "limit": 50 }));
        if grants.is_empty() {
            return;
        }
        let grant = self.chance.pick(&grants);
        let who = if operation == "grants.revoke" { Some(admin) } else { self.known(&grant["person"]) };
        let mut input = json!({ "grant": grant["id"] });
        if operation == "grants.extend" {
            input["days"] = json!(*self.chance.pick(&[7, 30]));
        }
        if let Some(who) = who {
            self.act(&who, operation, &input);
        }
    }

    /// People to whom seats are offered take them, or do not.
    pub(super) fn answer_offers(&mut self) {
        let admin = self.administrator();
        for request in self.items(&admin, "requests.list", &json!({ "state": "seat_offered", "limit": 5 })) {
            let operation = *self.chance.pick(&["seats.accept", "seats.accept", "seats.decline"]);
            if let Some(who) = self.known(&request["requester"]) {
                self.act(&who, operation, &json!({ "request": request["id"] }));
            }
        }
    }

    /// Some approvers look at their queues, and do their tasks.
    pub(super) fn decide(&mut self) {
        for _ in 0..4 {
            let who = self.approver();
            for item in self.items(&who, "approvals.queue", &json!({ "limit": 6 })) {
                let request = &item["request"]["id"];
                match self.chance.below(20) {
                    0..=12 => {
                        self.act(
                            &who,
                            "approvals.decide",
                            &json!({ "request": request, "decision": "approve" }),
                        );
                    }
                    13..=15 => {
                        let deny = json!({ "request": request, "decision": "deny", "rationale": "Not this quarter" });
                        self.act(&who, "approvals.decide", &deny);
                    }
                    16 => {
                        let ask = json!({ "request": request, "question": "What is it for?" });
                        self.act(&who, "approvals.ask", &ask);
                        if let Some(requester) = self.known(&item["request"]["requester"]) {
                            let answer = json!({ "request": request, "answer": "For the report" });
                            self.act(&requester, "requests.provide_information", &answer);
                        }
                    }
                    _ => {}
                }
            }
            for job in self.items(&who, "jobs.list", &json!({ "state": "queued", "limit": 5 })) {
                if job["may_attest"] == true {
                    self.act(&who, "jobs.attest", &json!({ "job": job["id"] }));
                }
            }
        }
    }

    /// Somebody of security takes access at once, writes the note, and somebody else reviews it.
    pub(super) fn in_an_emergency(&mut self) {
        let who = self.people[ADMINISTRATORS + self.chance.below(SECURITY)].clone();
        let tool = self.emergency_tool.clone();
        let input = json!({
            "tool": tool, "incident": "INC-2041", "purpose": "Find out why it fails", "data_classes": ["public"],
        });
        let Some(taken) = self.act(&who, "emergency.request", &input) else { return };
        let emergency = &taken["emergency"]["id"];
        self.act(&who, "emergency.note", &json!({ "emergency": emergency, "note": "Read the logs" }));
        let reviewer = self.administrator();
        let verdict = *self.chance.pick(&["justified", "justified", "not_justified"]);
        let review = json!({ "emergency": emergency, "verdict": verdict, "reason": "As the log says" });
        self.act(&reviewer, "emergency.review", &review);
    }

    /// Some reviewers look at what waits for them.
    pub(super) fn review(&mut self) {
        for _ in 0..4 {
            let who = self.approver();
            for review in self.items(&who, "reviews.list", &json!({ "mine": true, "limit": 6 })) {
                let id = &review["id"];
                match self.chance.below(10) {
                    0..=4 => {
                        self.act(&who, "reviews.decide", &json!({ "review": id, "decision": "renew" }));
                    }
                    5..=6 => {
                        self.act(&who, "reviews.decide", &json!({ "review": id, "decision": "let_expire" }));
                    }
                    7 => {
                        let remove = json!({ "review": id, "decision": "remove", "reason": "Not used" });
                        self.act(&who, "reviews.decide", &remove);
                    }
                    8 => {
                        let later = json!({ "review": id, "reason": "Asked the team" });
                        self.act(&who, "reviews.postpone", &later);
                    }
                    _ => {}
                }
            }
        }
    }

    /// Somebody who decides goes on holiday.
    pub(super) fn delegate(&mut self) {
        let (who, delegate) = (self.approver(), self.approver());
        let until = self.site.now().plus_minutes(10 * 24 * 60).to_string();
        self.act(&who, "delegations.put", &json!({ "delegate": delegate.id, "until": until }));
    }
}
