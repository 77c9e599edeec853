//! Notices by e-mail, to a mail server of the test's own.

use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::http::{Request, StatusCode};
use clearance::notices::mail::Message;
use clearance::text::EmailAddress;
use clearance_server::config::{Anchor, Smtp, SmtpEncryption};
use clearance_server::http::Pages;
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

async fn smtp(server: &MailServer) -> Smtp {
    Smtp {
        host: "127.0.0.1".to_owned(),
        port: Some(server.start().await),
        encryption: SmtpEncryption::None,
        credentials: None,
        from: "AI Clearance <clearance@example.com>".to_owned(),
    }
}

async fn mailing(site: Site, server: &MailServer) -> Site {
    let site = site.mailing(Mailer::new(&smtp(server).await).unwrap());
    mail::follow_configuration(&site.app.ports, true).await.unwrap();
    site
}

async fn site(server: &MailServer) -> Site {
    mailing(Site::new().await, server).await
}

async fn site_at(url: &str, server: &MailServer) -> Site {
    mailing(Site::at(url, Pages::default()).await, server).await
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
        taken[0].contains("http://127.0.0.1:8780/app#/requests/req_")
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
async fn a_recipient_that_is_refused_holds_up_nobody() {
    let server = MailServer::default();
    let site = site(&server).await;
    site.add("Root", "administrator").await;
    site.add("Vera", "administrator").await;
    *server.answers.lock().unwrap() = Some(("vera@", "550 no such user"));
    ask(&site).await;
    mail::pass(&site.app).await.unwrap();
    assert_eq!(server.taken().len(), 1);
    site.clock.advance_minutes(1);
    mail::pass(&site.app).await.unwrap();
    assert!(server.taken().is_empty(), "who is refused is not tried again");
}

#[tokio::test]
async fn old_news_is_dropped() {
    let server = MailServer::default();
    let site = site(&server).await;
    site.add("Root", "administrator").await;
    *server.answers.lock().unwrap() = Some(("@", "451 later"));
    ask(&site).await;
    mail::pass(&site.app).await.unwrap();
    *server.answers.lock().unwrap() = None;
    site.clock.advance_minutes(24 * 60 + 1);
    mail::pass(&site.app).await.unwrap();
    assert!(server.taken().is_empty(), "the inbox has it");
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
async fn without_a_mail_server_nothing_waits_to_be_sent_and_the_inbox_has_it() {
    let server = MailServer::default();
    let site = Site::new().await;
    let root = site.add("Root", "administrator").await;
    mail::follow_configuration(&site.app.ports, false).await.unwrap();
    ask(&site).await;
    mail::pass(&site.app).await.unwrap();
    let root = site.token(root, "read").await;
    let inbox = site.call("inbox.list", &root, json!({})).await.json();
    assert_eq!(inbox["items"].as_array().unwrap().len(), 1, "{inbox:#}");
    // Whoever brings a mail server later sends nothing of before.
    let site = mailing(site, &server).await;
    mail::pass(&site.app).await.unwrap();
    assert!(server.taken().is_empty());
}

/// The value of a header, unfolded.
fn header(message: &str, name: &str) -> Option<String> {
    let head = message.split("\n\n").next().unwrap().replace('\r', "").replace("\n ", " ");
    head.lines().find_map(|line| line.strip_prefix(&format!("{name}: "))).map(str::to_owned)
}

#[tokio::test]
async fn one_click_switches_off_what_is_optional_and_nothing_else() {
    let server = MailServer::default();
    let site = site_at("https://clearance.example.com", &server).await;
    let root = site.add("Root", "administrator").await;
    ask(&site).await;
    mail::pass(&site.app).await.unwrap();
    let message = server.taken().remove(0);
    assert_eq!(header(&message, "List-Unsubscribe-Post").unwrap(), "List-Unsubscribe=One-Click");
    let link = header(&message, "List-Unsubscribe").unwrap();
    let link = link.strip_prefix("<https://clearance.example.com").and_then(|link| link.strip_suffix('>'));
    let link = link.unwrap_or_else(|| panic!("{message}")).to_owned();
    assert!(link.len() < 120 && link.ends_with("/decisions"), "{link}");

    let token = site.token(root, "act").await;
    let delivery = async || {
        let preferences = site.call("notices.preferences", &token, json!({})).await.json();
        preferences["topics"][0]["delivery"].as_str().unwrap().to_owned()
    };
    // Whatever follows links before people read their mail changes nothing.
    let size = site.log().await.len();
    for method in ["GET", "HEAD"] {
        let looked =
            site.send(Request::builder().method(method).uri(&link).body(Body::empty()).unwrap()).await;
        assert_eq!(looked.status, StatusCode::OK);
        assert!(looked.header("content-security-policy").contains("form-action 'self'"));
    }
    assert_eq!((delivery().await.as_str(), site.log().await.len()), ("immediate", size));

    let click = async |link: &str| {
        let request = Request::post(link).header("content-type", "application/x-www-form-urlencoded");
        let body = Body::from("List-Unsubscribe=One-Click");
        site.send(request.body(body).unwrap()).await.status
    };
    assert_eq!(click(&link).await, StatusCode::OK);
    assert_eq!(delivery().await, "none");
    let size = site.log().await.len();
    assert_eq!((click(&link).await, site.log().await.len()), (StatusCode::OK, size), "again changes nothing");
    // Nothing else can be reached from it, and nothing is told of what does not work.
    let secret = link.split('/').nth(2).unwrap();
    let other = |digit: &str| format!("/unsubscribe/{}{digit}/decisions", &secret[..63]);
    let last = if secret.ends_with('0') { "1" } else { "0" };
    for wrong in [
        format!("/unsubscribe/{secret}/oversight"),
        format!("/unsubscribe/{secret}/own_access"),
        format!("/unsubscribe/{secret}/everything"),
        other(last),
        other(""),
        "/unsubscribe/x/decisions".to_owned(),
    ] {
        let looked = site.send(Request::get(&wrong).body(Body::empty()).unwrap()).await;
        assert_eq!(
            (looked.status, click(&wrong).await),
            (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND),
            "{wrong}"
        );
    }
    assert_eq!(site.log().await.len(), size);
    // The person chooses anew, and the link does what it did.
    let again = json!({ "topic": "decisions", "delivery": "immediate" });
    assert_eq!(site.call("notices.put_preference", &token, again).await.status, StatusCode::OK);
    assert_eq!((delivery().await.as_str(), click(&link).await), ("immediate", StatusCode::OK));
    assert_eq!(delivery().await, "none");
}

#[tokio::test]
async fn one_click_is_not_offered_where_others_could_read_the_link() {
    let server = MailServer::default();
    let site = site(&server).await;
    site.add("Root", "administrator").await;
    ask(&site).await;
    mail::pass(&site.app).await.unwrap();
    let message = server.taken().remove(0);
    assert!(header(&message, "List-Unsubscribe").unwrap().starts_with("<http://127.0.0.1:8780/unsubscribe/"));
    assert_eq!(header(&message, "List-Unsubscribe-Post"), None);
}

#[tokio::test]
async fn no_text_begins_a_header_of_its_own() {
    let server = MailServer::default();
    let smtp = smtp(&server).await;
    let mailer = Mailer::new(&smtp).unwrap();
    let message = Message {
        to: EmailAddress::parse("ada@example.com").unwrap(),
        subject: "Hello\r\nBcc: eve@example.com\r\n\r\nAnother body\u{2028}x".to_owned(),
        body: "text\r\n.\r\nMAIL FROM:<eve@example.com>\r\n".to_owned(),
        unsubscribe: Some("https://example.com/\r\nBcc: eve@example.com".to_owned()),
    };
    mailer.send(&message).await;
    let taken = server.taken();
    assert!(taken.len() <= 1, "{taken:#?}");
    for message in taken {
        let head = message.split("\n\n").next().unwrap();
        assert!(!head.lines().any(|line| line.starts_with("Bcc")), "{message}");
        assert!(!head.contains("Another body"), "{message}");
    }
}

#[tokio::test]
async fn what_is_mandatory_has_no_link() {
    let server = MailServer::default();
    let site = site(&server).await;
    site.add("Vera", "auditor").await;
    let anchor = Anchor { email: true, ..Anchor::default() };
    anchor::follow_configuration(&site.app.ports, &anchor).await.unwrap();
    ticker::pass(&site.app).await;
    mail::pass(&site.app).await.unwrap();
    // Long lines are folded (RFC 2045 §6.7).
    let message = server.taken().remove(0).replace("=\n", "");
    assert_eq!(header(&message, "List-Unsubscribe"), None);
    assert!(
        !message.contains("/unsubscribe/") && message.contains("nobody can switch this off"),
        "{message}"
    );
}
