//! Gaps in a product's history: too long between one event and the next, in the order in which they happened.
//!
//! Events are recorded in one order and may be reported in another: what counts is when something happened, which is the time it
//! was reported with (`data.reportedAt`), or else the time it was recorded.

use keyfold::Timestamp;

use super::event::StoredEvent;

const HOUR_MS: i64 = 3_600_000;
/// Nothing for longer than this is a gap.
const GAP_MS: i64 = 72 * HOUR_MS;
/// How far a sender's clock may be ahead of ours, with something to spare: nothing is recorded as having happened later than this
/// after it was recorded.
const AHEAD_MS: i64 = HOUR_MS;

/// Something that happened to a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// When it happened.
    pub at: Timestamp,
    /// What.
    pub kind: String,
    /// Who did it.
    pub actor: String,
    /// Whether it only shows what could happen.
    pub is_simulated: bool,
}

/// A gap between two steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// The step before.
    pub before: Step,
    /// The step after.
    pub after: Step,
}

/// The steps next to one, found by walking from the last recorded event back.
#[derive(Debug, Clone)]
pub struct Neighbours {
    step: Step,
    before: Option<Step>,
    after: Option<Step>,
}

impl Step {
    /// Of an event that was recorded at `recorded_at`; none when neither time can be read.
    pub fn of(event: &StoredEvent, recorded_at: &str) -> Option<Self> {
        let data = event.data.here();
        let reported = data
            .and_then(|data| data.get("reportedAt"))
            .and_then(|at| at.as_str())
            .and_then(moment);
        let text = |stored: &super::stored::Stored<String>| stored.text().unwrap_or("?").to_owned();
        Some(Self {
            at: reported
                .or_else(|| event.timestamp.text().and_then(moment))
                .or_else(|| moment(recorded_at))?,
            kind: text(&event.kind),
            actor: text(&event.actor),
            is_simulated: data
                .and_then(|data| data.get("simulated"))
                .and_then(serde_json::Value::as_bool)
                == Some(true),
        })
    }
}

impl Neighbours {
    /// Nothing is next to it yet.
    pub fn of(step: Step) -> Self {
        Self {
            step,
            before: None,
            after: None,
        }
    }

    /// Takes another step into account.
    pub fn meet(&mut self, other: Step) {
        // Of steps of one moment, those recorded before are before.
        let (place, is_nearer): (_, fn(&Step, &Step) -> bool) = if other.at <= self.step.at {
            (&mut self.before, |new, known| new.at > known.at)
        } else {
            (&mut self.after, |new, known| new.at < known.at)
        };
        if place.as_ref().is_none_or(|known| is_nearer(&other, known)) {
            *place = Some(other);
        }
    }

    /// Whether events recorded at `recorded_at` or before can still change anything.
    pub fn may_be_nearer(&self, recorded_at: Timestamp) -> bool {
        let latest = recorded_at.plus_ms(AHEAD_MS);
        self.before.as_ref().is_none_or(|before| latest > before.at)
    }

    /// What lies open on either side. A simulated step leaves none.
    pub fn gaps(self) -> Vec<Gap> {
        let Self {
            step,
            before,
            after,
        } = self;
        if step.is_simulated {
            return Vec::new();
        }
        let between = |before: Step, after: Step| {
            let apart = after.at.as_millisecond() - before.at.as_millisecond();
            (apart > GAP_MS).then_some(Gap { before, after })
        };
        let behind = before.and_then(|before| between(before, step.clone()));
        let ahead = after.and_then(|after| between(step, after));
        behind.into_iter().chain(ahead).collect()
    }
}

impl Gap {
    /// Whole hours.
    pub fn hours(&self) -> i64 {
        (self.after.at.as_millisecond() - self.before.at.as_millisecond()) / HOUR_MS
    }

    /// In words.
    pub fn details(&self) -> String {
        let Self { before, after } = self;
        format!(
            "Nothing is recorded for {} hours between {} by {} and {} by {}.",
            self.hours(),
            before.kind,
            before.actor,
            after.kind,
            after.actor
        )
    }
}

fn moment(text: &str) -> Option<Timestamp> {
    Timestamp::truncating(text.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn step(hours: i64, actor: &str) -> Step {
        Step {
            at: at(hours * HOUR_MS),
            kind: "shipped".to_owned(),
            actor: actor.to_owned(),
            is_simulated: false,
        }
    }

    fn at(ms: i64) -> Timestamp {
        "2026-03-01T00:00:00.000Z"
            .parse::<Timestamp>()
            .unwrap()
            .plus_ms(ms)
    }

    fn gaps(new: Step, others: &[Step]) -> Vec<(String, String, i64)> {
        let mut neighbours = Neighbours::of(new);
        for other in others {
            neighbours.meet(other.clone());
        }
        neighbours
            .gaps()
            .into_iter()
            .map(|gap| {
                (
                    gap.before.actor.clone(),
                    gap.after.actor.clone(),
                    gap.hours(),
                )
            })
            .collect()
    }

    #[test]
    fn seventy_two_hours_are_no_gap_and_a_millisecond_more_is() {
        let first = step(0, "A");
        assert_eq!(gaps(step(72, "B"), std::slice::from_ref(&first)), []);
        let mut late = step(72, "B");
        late.at = at(72 * HOUR_MS + 1);
        assert_eq!(
            gaps(late, std::slice::from_ref(&first)),
            [("A".to_owned(), "B".to_owned(), 72)]
        );
        assert_eq!(gaps(first, &[]), []);
    }

    #[test]
    fn a_late_report_is_held_against_both_its_neighbours() {
        let known = [step(0, "A"), step(200, "C"), step(201, "D"), step(-5, "Z")];
        let found = gaps(step(100, "B"), &known);
        let expect = [("A", "B", 100), ("B", "C", 100)]
            .map(|(before, after, hours)| (before.to_owned(), after.to_owned(), hours));
        assert_eq!(found, expect);
        assert_eq!(gaps(step(-50, "Y"), &known), [], "within three days of Z");
        assert_eq!(
            gaps(step(-100, "Y"), &known),
            [("Y".to_owned(), "Z".to_owned(), 95)]
        );
    }

    #[test]
    fn a_simulated_step_leaves_no_gap() {
        let mut simulated = step(500, "S");
        simulated.is_simulated = true;
        assert_eq!(gaps(simulated, &[step(0, "A")]), []);
    }

    #[test]
    fn an_event_happened_when_it_was_reported_to_have() {
        let event: StoredEvent = serde_json::from_value(serde_json::json!({
            "type": "shipped", "actor": "FedEx", "timestamp": "2026-03-05T00:00:00.000Z",
            "data": { "reportedAt": "2026-03-01T10:00:00Z" },
        }))
        .unwrap();
        let read = Step::of(&event, "2026-03-05T00:00:00.000Z").unwrap();
        assert_eq!(read.at, at(10 * HOUR_MS));
        let odd: StoredEvent = serde_json::from_value(serde_json::json!({
            "timestamp": 7, "data": { "reportedAt": "yesterday" },
        }))
        .unwrap();
        assert_eq!(
            Step::of(&odd, "2026-03-01T00:00:00.000Z").unwrap().at,
            at(0)
        );
        assert_eq!(Step::of(&odd, "yesterday"), None);
    }

    proptest! {
        /// Walking back and stopping early finds the neighbours that all events give.
        #[test]
        fn stopping_early_overlooks_nothing(
            delays in proptest::collection::vec((0i64..40, 0i64..300), 1..60),
        ) {
            let mut recorded = 0;
            let events: Vec<(Timestamp, Step)> = delays
                .iter()
                .map(|(pause, delay)| {
                    recorded += pause;
                    (at(recorded * HOUR_MS), step(recorded - delay, "A"))
                })
                .collect();
            let (_, new) = events.last().unwrap().clone();
            let others = &events[..events.len() - 1];
            let mut early = Neighbours::of(new.clone());
            for (recorded_at, step) in others.iter().rev() {
                if !early.may_be_nearer(*recorded_at) {
                    break;
                }
                early.meet(step.clone());
            }
            let mut all = Neighbours::of(new);
            for (_, step) in others {
                all.meet(step.clone());
            }
            prop_assert_eq!(early.before.map(|step| step.at), all.before.map(|step| step.at));
            prop_assert_eq!(early.after.map(|step| step.at), all.after.map(|step| step.at));
        }
    }
}
