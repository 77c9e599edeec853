//! What was measured, beside what was to be reached.

use std::fmt;

use serde::Serialize;

/// How a figure is judged.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Goal {
    /// Not above this.
    AtMost(f64),
    /// Not below this.
    AtLeast(f64),
    /// A correctness guard: the figure does not count unless it holds.
    Holds,
    /// Told, not judged.
    None,
}

/// One line of the table.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Figure {
    benchmark: &'static str,
    what: String,
    measured: f64,
    unit: &'static str,
    goal: Goal,
    met: Option<bool>,
    /// Measured over a limit or comparison of the same run, and which.
    ratio: Option<(f64, String)>,
}

impl Figure {
    pub(crate) fn new(
        benchmark: &'static str,
        what: impl Into<String>,
        measured: f64,
        unit: &'static str,
        goal: Goal,
    ) -> Self {
        let met = match goal {
            Goal::AtMost(limit) => Some(measured <= limit),
            Goal::AtLeast(limit) => Some(measured >= limit),
            Goal::Holds => Some(measured > 0.5),
            Goal::None => None,
        };
        Self { benchmark, what: what.into(), measured, unit, goal, met, ratio: None }
    }

    /// A correctness guard that held; one that does not is an error, and no figure.
    pub(crate) fn held(benchmark: &'static str, what: impl Into<String>) -> Self {
        Self::new(benchmark, what, 1.0, "", Goal::Holds)
    }

    /// The same figure over a limit of the same run.
    #[must_use]
    pub(crate) fn over(self, limit: f64, name: &str) -> Self {
        let ratio = (limit > 0.0).then(|| (self.measured / limit, name.to_owned()));
        Self { ratio, ..self }
    }
}

/// A number as people read it: three digits that count.
fn short(value: f64) -> String {
    let size = value.abs();
    if size >= 100_000.0 {
        format!("{:.0}k", value / 1e3)
    } else if size >= 100.0 {
        format!("{value:.0}")
    } else if size >= 10.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.2}")
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (measured, goal) = match self.goal {
            Goal::Holds => ("holds".to_owned(), "must hold".to_owned()),
            Goal::AtMost(limit) => {
                (format!("{} {}", short(self.measured), self.unit), format!("≤ {}", short(limit)))
            }
            Goal::AtLeast(limit) => {
                (format!("{} {}", short(self.measured), self.unit), format!("≥ {}", short(limit)))
            }
            Goal::None => (format!("{} {}", short(self.measured), self.unit), String::new()),
        };
        let met = match self.met {
            Some(true) => "met",
            Some(false) => "MISSED",
            None => "",
        };
        let ratio =
            self.ratio.as_ref().map(|(ratio, name)| format!("{}× {name}", short(*ratio))).unwrap_or_default();
        write!(
            f,
            "| {:3} | {:58} | {measured:>16} | {goal:>9} | {met:6} | {ratio:34} |",
            self.benchmark, self.what
        )
    }
}

/// Everything measured in one run.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Report {
    figures: Vec<Figure>,
    notes: Vec<String>,
}

impl Report {
    /// Adds a figure and prints it, so that a run that is stopped has told what it found.
    pub(crate) fn add(&mut self, figure: Figure) {
        println!("{figure}");
        self.figures.push(figure);
    }

    pub(crate) fn note(&mut self, note: impl Into<String>) {
        let note = note.into();
        println!("  note: {note}");
        self.notes.push(note);
    }

    pub(crate) fn missed(&self) -> usize {
        self.figures.iter().filter(|figure| figure.met == Some(false)).count()
    }

    pub(crate) fn print(&self) {
        println!(
            "\n| B   | {:58} | {:>16} | {:>9} | {:6} | {:34} |",
            "what", "measured", "goal", "", "ratio in this run"
        );
        println!(
            "|-----|{}|{}:|{}:|--------|{}|",
            "-".repeat(60),
            "-".repeat(17),
            "-".repeat(10),
            "-".repeat(36)
        );
        for figure in &self.figures {
            println!("{figure}");
        }
        for note in &self.notes {
            println!("\n* {note}");
        }
    }
}
