//! Two ways to do the same, in turns, by CPU time.

use std::fmt;
use std::hint::black_box;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use tokio::runtime::Runtime;

const ROUNDS: usize = 61;
/// One turn of one way takes about this long: many times what a look at the clock costs, and short
/// enough that what else runs on the machine meets both alike.
const TURN: Duration = Duration::from_millis(8);

/// CPU time of the whole process: nothing can be hidden on another thread.
fn cpu() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ProcessCPUTime)).unwrap()
}

/// How many times the CPU time of the second the first one takes.
pub struct Compared {
    name: String,
    first_micros: f64,
    second_micros: f64,
    quartiles: [f64; 3],
}

impl Compared {
    pub const HEAD: &str = "                                                     repository     by hand   ratio  (quartiles)";

    pub fn of<A, B>(
        runtime: &Runtime,
        name: &str,
        first: impl AsyncFn() -> A,
        second: impl AsyncFn() -> B,
    ) -> Self {
        let turn_first = |calls| turn(runtime, calls, &first);
        let turn_second = |calls| turn(runtime, calls, &second);
        // Also what is only there on the first call: caches, recorded answers.
        turn_first(200);
        turn_second(200);
        let once = turn_second(200).as_secs_f64() / 200.0;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a positive count"
        )]
        let calls = ((TURN.as_secs_f64() / once) as u32).max(10);
        let mut firsts = Vec::with_capacity(ROUNDS);
        let mut seconds = Vec::with_capacity(ROUNDS);
        let mut ratios = Vec::with_capacity(ROUNDS);
        for round in 0..ROUNDS {
            // Each begins as often as the other.
            let (a, b) = if round % 2 == 0 {
                let a = turn_first(calls);
                (a, turn_second(calls))
            } else {
                let b = turn_second(calls);
                (turn_first(calls), b)
            };
            let micros = |turn: Duration| turn.as_secs_f64() * 1e6 / f64::from(calls);
            firsts.push(micros(a));
            seconds.push(micros(b));
            ratios.push(a.as_secs_f64() / b.as_secs_f64());
        }
        Self {
            name: name.to_owned(),
            first_micros: quartiles(firsts)[1],
            second_micros: quartiles(seconds)[1],
            quartiles: quartiles(ratios),
        }
    }
}

fn turn<T>(runtime: &Runtime, calls: u32, call: &impl AsyncFn() -> T) -> Duration {
    runtime.block_on(async {
        let begin = cpu();
        for _ in 0..calls {
            black_box(call().await);
        }
        cpu().checked_sub(begin).unwrap()
    })
}

fn quartiles(mut values: Vec<f64>) -> [f64; 3] {
    values.sort_by(f64::total_cmp);
    [1, 2, 3].map(|quarter| values[values.len() * quarter / 4])
}

impl fmt::Display for Compared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [low, middle, high] = self.quartiles;
        write!(
            f,
            "  {:50} {:8.2} µs {:8.2} µs   {middle:.3}  ({low:.3} … {high:.3})",
            self.name, self.first_micros, self.second_micros
        )
    }
}
