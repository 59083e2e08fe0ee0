//! How long a shard is certainly ours.
//!
//! A holder renews its lease only by the writes that its work makes anyway: a shard without work
//! costs nothing. So a lease that is not renewed says nothing by itself. Another worker takes a
//! shard over when it has seen, for [`Times::silence`], both records behind the position and no
//! write of the holder.
//!
//! The holder in turn handles a record only within [`Times::safe`] of a moment at which nobody can
//! have begun to wait: of a write of its own, or of a read that found nothing while nothing was in
//! hand and the position was written. Otherwise, say when its machine slept, it writes first; and
//! if that is refused, the shard is no longer its own. Only durations on one machine are compared,
//! never the clocks of two.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

/// What follows from the lease time, within which a dead worker is replaced.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Times {
    /// Between two looks at the leases, and between two writes of a holder that has work.
    pub(crate) tick: Duration,
    /// A holder that has work and is silent for so long is gone.
    pub(crate) silence: Duration,
    /// So long a holder may go on after it was certainly alive.
    pub(crate) safe: Duration,
}

impl Times {
    pub(crate) fn of(lease: Duration) -> Self {
        // A look that sees the work, the silence, a look that sees it over: 1 + 5 + 1 of 8. What is
        // left between the holder's 3 and the others' 5 is for a request under way and for clocks
        // that do not run alike.
        Self {
            tick: lease / 8,
            silence: lease / 8 * 5,
            safe: lease / 8 * 3,
        }
    }

    /// Between two writes of a position.
    pub(crate) fn checkpoint(&self) -> Duration {
        self.tick.min(Duration::from_secs(1))
    }
}

/// The holder's side, told to those who handle its records.
#[derive(Debug)]
pub(crate) struct Hold {
    until: watch::Sender<Instant>,
    safe: Duration,
}

impl Hold {
    /// Held since this moment.
    pub(crate) fn new(since: Instant, safe: Duration) -> Self {
        Self {
            until: watch::Sender::new(since + safe),
            safe,
        }
    }

    /// At this moment, before a request was sent that succeeded, it was ours.
    pub(crate) fn was_ours(&self, at: Instant) {
        let until = at + self.safe;
        self.until.send_if_modified(|known| {
            let later = until > *known;
            if later {
                *known = until;
            }
            later
        });
    }

    /// Whether it is certainly ours now.
    pub(crate) fn is_safe(&self) -> bool {
        *self.until.borrow() > Instant::now()
    }

    /// Until when it is certainly ours.
    pub(crate) fn until(&self) -> Instant {
        *self.until.borrow()
    }

    /// Waits until it is.
    pub(crate) fn safely(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut until = self.until.subscribe();
        async move {
            // When the holder is gone, so is whoever waits here.
            let _ = until.wait_for(|until| *until > Instant::now()).await;
        }
    }
}
