//! Notices by e-mail, to a mail server of the test's own.

use std::sync::{Arc, Mutex};

use axum::http::StatusCode;
use clearance_server::config::{Anchor, Smtp, SmtpEncryption};
use clearance_server::mail::{self, Mailer};
use clearance_server::{anchor, ticker};
use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::support::Site;

/// A mail server that keeps what it takes, and refuses what it is told to.
#[derive(Clone, Default)]
struct MailServer {
    taken: Arc<Mutex<Vec<String>>>,
    /// Recipient to which it answers so.
    answers: Arc<Mutex<Option<(&'static str, &'static str)>>>,
}

impl MailServer {
    async fn start(&self) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = self.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let server = server.clone();
                tokio::spawn(async move { server.talk(stream).await });
            }
        });
        port
    }

    async fn talk(&self, stream: TcpStream) -> Option<()> {
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        write.write_all(b"220 test\r\n").await.ok()?;
        while let Some(line) = lines.next_line().await.ok()? {
            let refused = *self.answers.lock().unwrap();
            let answer = match refused {
                Some((to, answer)) if line.starts_with("RCPT") && line.contains(to) => answer,
                _ if line.starts_with("DATA") => "354 go on",
                _ if line.starts_with("QUIT") => "221 bye",
                _ => "250 ok",
            };
            write.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
            if line.starts_with("DATA") {
                let mut text = String::new();
                while let Some(line) = lines.next_line().await.ok()?.filter(|line| line != ".") {
                    text.push_str(&line);
                    text.push('\n');
                }
                self.taken.lock().unwrap().push(text);
                write.write_all(b"250 taken\r\n").await.ok()?;
            }
        }
        Some(())
    }

    fn taken(&self) -> Vec<String> {
        std::mem::take(&mut *self.taken.lock().unwrap())
    }
}

async fn site(server: &MailServer) -> Site {
    let smtp = Smtp {
        host: "127.0.0.1".to_owned(),
        port: Some(server.start().await),
        encryption: SmtpEncryption::None,
        credentials: None,
        from: "AI Clearance <clearance@example.com>".to_owned(),
    };
    let site = Site::new().await.mailing(Mailer::new(&smtp).unwrap());
    mail::follow_configuration(&site.app.ports, true).await.unwrap();
    site
}

/// Ada's request, which the administrators must decide.
async fn ask(site: &Site) {
    let ada = site.add("Ada", "member").await;
    site.console("catalog.load_starter", json!({})).await;
    // Nobody owns it yet, so its stage falls to administrators.
    let tools = site.console("catalog.list", json!({ "risk": "medium", "limit": 1 })).await;
    let id = tools["items"][0]["id"].clone();
    let ada = site.token(ada, "act").await;
    let input = json!({ "tool": id, "purpose": "Notes", "data_classes": ["public"], "days": 30 });
    let answer = site.call("requests.submit", &ada, input).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
}

#[tokio::test]
async fn those_who_can_decide_are_told_once() {
    let server = MailServer::default();
    let site = site(&server).await;
    site.add("Root", "administrator").await;
    ask(&site).await;
    mail::pass(&site.app).await.unwrap();
    let taken = server.taken();
    assert_eq!(taken.len(), 1, "{taken:?}");
    assert!(
        taken[0].contains("To: root@example.com") && taken[0].contains("Subject: Ada asks for"),
        "{}",
        taken[0]
    );
    assert!(
        taken[0].contains("http://127.0.0.1:8780/app#/approvals")
            && taken[0].contains("Auto-Submitted: auto-generated")
    );
    mail::pass(&site.app).await.unwrap();
    assert!(server.taken().is_empty(), "it was forgotten");
}

#[tokio::test]
async fn a_mail_server_that_fails_is_tried_again_and_nobody_is_told_twice() {
    let server = MailServer::default();
    let site = site(&server).await;
    site.add("Root", "administrator").await;
    site.add("Vera", "administrator").await;
    *server.answers.lock().unwrap() = Some(("vera@", "451 later"));
    ask(&site).await;
    mail::pass(&site.app).await.unwrap();
    let first = server.taken().len();
    mail::pass(&site.app).await.unwrap();
    assert_eq!(server.taken().len(), 0, "it pauses");
    *server.answers.lock().unwrap() = None;
    site.clock.advance_minutes(1);
    mail::pass(&site.app).await.unwrap();
    assert_eq!(first + server.taken().len(), 2, "each was told once");
}

#[tokio::test]
async fn a_recipient_that_is_refused_holds_up_nobody_and_old_news_is_dropped() {
    let server = MailServer::default();
    let site = site(&server).await;
    site.add("Root", "administrator").await;
    site.add("Vera", "administrator").await;
    *server.answers.lock().unwrap() = Some(("vera@", "550 no such user"));
    ask(&site).await;
    mail::pass(&site.app).await.unwrap();
    assert_eq!(server.taken().len(), 1);
    assert!(clearance::notices::waiting(&site.app.ports.store).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_checkpoint_a_day_goes_to_every_auditor_and_counts_once_it_went_out() {
    let server = MailServer::default();
    let site = site(&server).await;
    for (name, role) in [("Root", "administrator"), ("Vera", "auditor"), ("Viktor", "auditor")] {
        site.add(name, role).await;
    }
    let anchor = Anchor { email: true, ..Anchor::default() };
    anchor::follow_configuration(&site.app.ports, &anchor).await.unwrap();
    *server.answers.lock().unwrap() = Some(("@", "451 later"));
    ticker::pass(&site.app).await;
    mail::pass(&site.app).await.unwrap();
    let checkpoint = site.console("audit.checkpoint", json!({})).await;
    assert_eq!(checkpoint["anchored_size"], 0, "queued is not sent");
    *server.answers.lock().unwrap() = None;
    site.clock.advance_minutes(1);
    mail::pass(&site.app).await.unwrap();
    let taken = server.taken();
    assert_eq!(taken.len(), 2, "{taken:?}");
    assert!(taken.iter().all(|message| message.contains("To: v") && message.contains("Subject: Checkpoint")));
    let after = site.console("audit.checkpoint", json!({})).await;
    assert_eq!(after["anchored_size"], checkpoint["checkpoint"]["size"]);
    assert_eq!(after["checkpoint"]["anchors"][0]["to"], "email");
    // The next one waits for the next day.
    for (minutes, sent) in [(1, 0), (24 * 60, 2)] {
        site.add(&format!("Somebody{minutes}"), "member").await;
        site.clock.advance_minutes(minutes);
        ticker::pass(&site.app).await;
        mail::pass(&site.app).await.unwrap();
        assert_eq!(server.taken().len(), sent, "after {minutes} minutes");
    }
}

#[tokio::test]
async fn without_a_mail_server_nothing_is_queued() {
    let site = Site::new().await;
    site.add("Root", "administrator").await;
    mail::follow_configuration(&site.app.ports, false).await.unwrap();
    ask(&site).await;
    assert!(clearance::notices::waiting(&site.app.ports.store).await.unwrap().is_empty());
}
