//! `/unsubscribe/{secret}/{from}`: switching e-mail off from a link in one, without signing in (RFC 8058).
//!
//! Looking at it changes nothing, whatever follows links before people read their mail. A POST switches off what the link names, and nothing else
//! can be done here; what was sent with it is not read, and no cookie is looked at.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use clearance::failure::Failure;
use clearance::notices::{Subscription, Topic, UnsubscribeSecret, check_unsubscribe, unsubscribe};
use clearance::ports::Ports;

use super::edge::CountedAs;
use super::{App, answer, pages};

/// What the link names, if it can be one of ours.
fn parse(secret: &str, from: &str) -> Option<(UnsubscribeSecret, Subscription)> {
    Some((UnsubscribeSecret::parse(secret)?, Subscription::parse(from)?))
}

fn what(from: Subscription) -> &'static str {
    match from {
        Subscription::Topic(Topic::Decisions) => "when a request waits for your decision",
        Subscription::Topic(Topic::OwnRequests) => "of what becomes of your own requests",
        // Of these nobody is unsubscribed; links do not name them.
        Subscription::Topic(Topic::OwnAccess | Topic::Oversight) => "of this",
        Subscription::Digest => "once a day",
    }
}

/// The page with the button.
pub(super) async fn ask<P: Ports>(
    State(app): State<Arc<App<P>>>,
    Path((secret, from)): Path<(String, String)>,
) -> Response {
    let Some((secret, from)) = parse(&secret, &from) else { return dead() };
    counted(match check_unsubscribe(app.ports.store(), &secret).await {
        Ok(()) => page(
            StatusCode::OK,
            "Stop these e-mails?",
            &format!(
                "<p>You would get no more e-mail {}. Your inbox keeps what you are told.</p>\
                 <form method=\"post\"><button type=\"submit\">Stop these e-mails</button></form>",
                what(from)
            ),
        ),
        Err(failure) => failed(failure),
    })
}

/// The one click.
pub(super) async fn one_click<P: Ports>(
    State(app): State<Arc<App<P>>>,
    Path((secret, from)): Path<(String, String)>,
) -> Response {
    let Some((secret, from)) = parse(&secret, &from) else { return dead() };
    counted(match unsubscribe(&app.ports, &secret, from).await {
        Ok(()) => page(
            StatusCode::OK,
            "These e-mails are stopped",
            &format!(
                "<p>You get no more e-mail {}. Your <a href=\"/app#/inbox\">inbox</a> keeps what you are told; there you can change this.</p>",
                what(from)
            ),
        ),
        Err(failure) => failed(failure),
    })
}

fn failed(failure: Failure) -> Response {
    match failure {
        Failure::Refused(_) => dead(),
        failure => answer::failed(failure),
    }
}

/// One answer for every link that does not work, whatever is wrong with it.
fn dead() -> Response {
    counted(page(
        StatusCode::NOT_FOUND,
        "This link does not work any more",
        "<p>Choose in your <a href=\"/app#/inbox\">inbox</a> what you get by e-mail.</p>",
    ))
}

fn page(status: StatusCode, title: &str, content: &str) -> Response {
    pages::html(
        status,
        format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
             <title>{title} - AI Clearance</title></head><body><main><h1>{title}</h1>{content}</main></body></html>"
        ),
    )
}

fn counted(mut response: Response) -> Response {
    response.extensions_mut().insert(CountedAs("unsubscribe"));
    response
}
