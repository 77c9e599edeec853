//! `insights.forecast`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::calendar::Day;
use crate::authorization::CallerKind::{Administrator, Auditor, Console};
use crate::authorization::CallerKinds;
use crate::failure::Failure;
use crate::ids::ConnectorId;
use crate::operations::{Context, Decision, Effect, Operation};
use crate::ports::Ports;
use crate::settings::operations::Nothing;
use crate::time::Timestamp;

macro_rules! forecast {
    ($($(#[$doc:meta])* $field:ident,)*) => {
        /// What ends on a day, if nobody does anything.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
        pub struct ForecastCounts { $($(#[$doc])* pub $field: u64,)* }

        impl ForecastCounts {
            /// The counts by name, in the order declared.
            pub fn named(&self) -> Vec<(&'static str, u64)> {
                vec![$((stringify!($field), self.$field),)*]
            }
        }
    };
}

forecast! {
    /// Access whose time is over.
    access_ends,
    /// Of that, seats that somebody must take away by hand.
    removals_by_hand,
    /// Of that, seats that are taken away at a provider.
    removals_by_provider,
    /// Of that, seats of tools with a cap that become free, at once or when they are taken away.
    seats_free,
    /// Requests that lapse because nobody decided them.
    requests_lapse,
    /// Seats that were kept for somebody who did not accept in time.
    offers_end,
    /// Reviews that are opened because access ends soon.
    reviews_open,
    /// Exceptions from policy that end, and exceptions and baselines of members for which nobody answers any more.
    exceptions_end,
    /// People who were to ask for access that they have, and lose it.
    asking_ends,
}

/// What ends on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DayForecast {
    /// The day, in UTC.
    pub day: Day,
    /// What ends.
    #[serde(flatten)]
    pub counts: ForecastCounts,
}

/// What a connector signs in with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CredentialKind {
    /// A certificate.
    Certificate,
    /// A client secret, of which somebody said when it lapses.
    ClientSecret,
}

/// A credential that runs out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CredentialEnd {
    /// Of which connector.
    pub connector: ConnectorId,
    /// The connector's name.
    pub name: String,
    /// What it is.
    pub kind: CredentialKind,
    /// When it runs out, or did.
    pub ends_at: Timestamp,
}

/// Reviews that come to somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ReviewerForecast {
    /// Who decides them, in words: a person, a group, or the owners of a tool.
    pub reviewer: String,
    /// Reviews that wait for them now.
    pub waiting: u64,
    /// Reviews that are opened for them, in each of the forecast's weeks.
    pub weeks: Vec<u64>,
}

/// What is coming.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Forecast {
    /// Today, in UTC: the first of the days.
    pub from: Day,
    /// The next 90 days. What should have ended before is counted today.
    pub days: Vec<DayForecast>,
    /// The Mondays of the weeks that these days are in.
    pub weeks: Vec<Day>,
    /// Who decides the reviews that wait, and that are opened in these weeks because access ends soon: those who get most first, at most 100.
    pub reviewers: Vec<ReviewerForecast>,
    /// Credentials of connectors that run out in the next 90 days, or have.
    pub credentials: Vec<CredentialEnd>,
    /// Whether more ends than was looked at: then the later days are too low.
    pub partial: bool,
}

/// What `insights.forecast` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ForecastAnswer {
    /// What is coming.
    pub forecast: Forecast,
}

/// `insights.forecast`.
#[derive(Debug)]
pub struct ForecastNext;

impl Operation for ForecastNext {
    const NAME: &'static str = "insights.forecast";
    const SUMMARY: &'static str =
        "What ends, lapses, runs out or is to be reviewed in the next 90 days if nobody does anything";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Auditor, Console]);
    type Input = Nothing;
    type Output = ForecastAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        _: &Nothing,
    ) -> Result<Decision<ForecastAnswer>, Failure> {
        Ok(Decision::answer(ForecastAnswer { forecast: super::of(context.ports, context.moment.now).await? }))
    }
}
