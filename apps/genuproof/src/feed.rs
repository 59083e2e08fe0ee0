//! The feed of alerts, from the pipeline that reads the stream to everybody who follows it.
//!
//! Each alert has a number in its brand's feed, one more than the one before. Whoever follows knows the next number: what the
//! pipeline hands over and is next is given on at once, what is missing is read from the table, what is known already is left out.
//! So it makes no difference whether an alert is told twice, out of order, or by another process, and whoever comes back says
//! where they were and misses nothing, also after the server was restarted.
//!
//! A follower asks for the next event when it can take one. Kept are, for each brand that somebody follows, the newest
//! [`RECENT_MAX`] alerts; somebody slow reads the table instead.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast, watch};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval};

use crate::domain::ids::BrandId;
use crate::store::{Store, StoreError};
use crate::table::{Alert, BrandStats, FeedEntry};

/// Alerts that are kept in memory for a brand.
const RECENT_MAX: usize = 256;
/// Verdicts that are kept for followers who have not taken them; they are shown with the alert in any case.
const VERDICTS_MAX: usize = 64;
/// Entries that are read at once.
const READ_MAX: u32 = 100;
/// Everybody together.
const FOLLOWERS_MAX: usize = 2_000;
/// Numbers that change all the time are told so often.
const NUMBERS_EVERY: Duration = Duration::from_millis(500);
const HEARTBEAT: Duration = Duration::from_secs(3);
/// Then a follower has to come back, with a key or session that is still good.
const LASTS: Duration = Duration::from_hours(1);

/// The feeds of all brands that somebody follows.
#[derive(Debug, Clone)]
pub struct Feeds {
    channels: Arc<Mutex<HashMap<BrandId, Weak<Channel>>>>,
    places: Arc<Semaphore>,
    stopping: watch::Sender<bool>,
    /// How often the table is asked, where other processes raise alerts too.
    poll: Option<Duration>,
}

#[derive(Debug)]
struct Channel {
    /// The highest number that was told.
    latest: watch::Sender<u64>,
    recent: Mutex<BTreeMap<u64, Arc<FeedEntry>>>,
    verdicts: broadcast::Sender<Arc<Alert>>,
    numbers: watch::Sender<Option<BrandStats>>,
}

/// Somebody who follows a brand's feed.
#[derive(Debug)]
pub struct Follower {
    store: Store,
    brand: BrandId,
    channel: Arc<Channel>,
    latest: watch::Receiver<u64>,
    verdicts: broadcast::Receiver<Arc<Alert>>,
    numbers: watch::Receiver<Option<BrandStats>>,
    /// No numbers are told before.
    numbers_from: Instant,
    stopping: watch::Receiver<bool>,
    /// The number of the next entry to give.
    next: u64,
    /// Whether there may be entries to read.
    is_due: bool,
    read: VecDeque<Arc<FeedEntry>>,
    /// Verdicts that wait until the alerts before them are told.
    held: VecDeque<Arc<Alert>>,
    heartbeat: Interval,
    poll: Option<Interval>,
    ends: Instant,
    _place: OwnedSemaphorePermit,
}

/// What a follower is told.
#[derive(Debug, Clone)]
pub enum Told {
    /// An alert.
    Alert(Arc<FeedEntry>),
    /// An analyst judged an alert that may have been told before.
    Verdict(Arc<Alert>),
    /// The brand's numbers are others now.
    Numbers(BrandStats),
    /// Nothing happened.
    Heartbeat,
}

/// Why nobody can follow.
#[derive(Debug, thiserror::Error)]
pub enum FollowError {
    /// There are too many already.
    #[error("too many readers follow alerts at once")]
    Full,
    /// The table.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Feeds {
    /// Nobody follows yet. `poll` is how often the table is asked where other processes raise alerts too.
    pub fn new(poll: Option<Duration>) -> Self {
        Self {
            channels: Arc::default(),
            places: Arc::new(Semaphore::new(FOLLOWERS_MAX)),
            stopping: watch::Sender::new(false),
            poll,
        }
    }

    /// Tells those who follow of an alert.
    pub fn publish(&self, entry: FeedEntry) {
        let Some(channel) = self.channel_of(&entry.brand) else {
            return;
        };
        let number = entry.number;
        {
            let mut recent = lock(&channel.recent);
            recent.insert(number, Arc::new(entry));
            while recent.len() > RECENT_MAX {
                recent.pop_first();
            }
        }
        channel.latest.send_if_modified(|latest| {
            let is_later = number > *latest;
            *latest = number.max(*latest);
            is_later
        });
    }

    /// Tells those who follow of a verdict.
    pub fn publish_verdict(&self, alert: Alert) {
        if let Some(channel) = self.channel_of(&alert.brand) {
            // Without receivers there is nobody to tell.
            let _ = channel.verdicts.send(Arc::new(alert));
        }
    }

    /// Tells those who follow of a brand's numbers.
    pub fn publish_numbers(&self, stats: BrandStats) {
        if let Some(channel) = self.channel_of(&stats.brand) {
            channel.numbers.send_replace(Some(stats));
        }
    }

    /// Ends every follower's feed: the server stops.
    pub fn stop(&self) {
        self.stopping.send_replace(true);
    }

    /// How many follow.
    pub fn followers(&self) -> usize {
        FOLLOWERS_MAX - self.places.available_permits()
    }

    /// Follows a brand's feed: from after the entry that is known, or from now on.
    ///
    /// # Errors
    /// [`FollowError`].
    pub async fn follow(
        &self,
        store: &Store,
        brand: &BrandId,
        after: Option<u64>,
    ) -> Result<Follower, FollowError> {
        let place = Arc::clone(&self.places)
            .try_acquire_owned()
            .map_err(|_| FollowError::Full)?;
        // Before the end is read, so that nothing falls between.
        let channel = self.channel_to_follow(brand);
        let latest = channel.latest.subscribe();
        let verdicts = channel.verdicts.subscribe();
        let numbers = channel.numbers.subscribe();
        let end = store.feed_end(brand).await?;
        // A number that was never given out is of another table, or made up: as if there were none.
        let after = after.filter(|after| *after <= end);
        let every = |period: Duration| {
            let mut interval = interval(period);
            interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
            interval.reset();
            interval
        };
        Ok(Follower {
            store: store.clone(),
            brand: brand.clone(),
            channel,
            latest,
            verdicts,
            numbers,
            numbers_from: Instant::now(),
            stopping: self.stopping.subscribe(),
            next: after.unwrap_or(end) + 1,
            is_due: true,
            read: VecDeque::new(),
            held: VecDeque::new(),
            heartbeat: every(HEARTBEAT),
            poll: self.poll.map(every),
            ends: Instant::now() + LASTS,
            _place: place,
        })
    }

    fn channel_of(&self, brand: &BrandId) -> Option<Arc<Channel>> {
        lock(&self.channels).get(brand).and_then(Weak::upgrade)
    }

    fn channel_to_follow(&self, brand: &BrandId) -> Arc<Channel> {
        let mut channels = lock(&self.channels);
        if let Some(channel) = channels.get(brand).and_then(Weak::upgrade) {
            return channel;
        }
        channels.retain(|_, channel| channel.strong_count() > 0);
        let channel = Arc::new(Channel {
            latest: watch::Sender::new(0),
            recent: Mutex::default(),
            verdicts: broadcast::Sender::new(VERDICTS_MAX),
            numbers: watch::Sender::new(None),
        });
        channels.insert(brand.clone(), Arc::downgrade(&channel));
        channel
    }
}

impl Follower {
    /// The number of the last entry that was given, or is known.
    pub fn position(&self) -> u64 {
        self.next - 1
    }

    /// What comes next; none when the feed ends, and whoever follows is to come back.
    pub async fn next(&mut self) -> Option<Told> {
        loop {
            if *self.stopping.borrow() || Instant::now() >= self.ends {
                return None;
            }
            if let Some(entry) = self.read.pop_front() {
                if entry.number < self.next {
                    continue;
                }
                self.next = entry.number + 1;
                return Some(Told::Alert(entry));
            }
            if self.is_due {
                if let Err(error) = self.fill().await {
                    tracing::warn!(%error, "a feed ends: it cannot be read");
                    return None;
                }
                continue;
            }
            if let Some(alert) = self.held.pop_front() {
                return Some(Told::Verdict(alert));
            }
            tokio::select! {
                () = stopped(&mut self.stopping) => return None,
                () = tokio::time::sleep_until(self.ends) => return None,
                changed = self.latest.changed() => {
                    changed.ok()?;
                    self.is_due = *self.latest.borrow_and_update() >= self.next;
                }
                verdict = self.verdicts.recv() => {
                    // Those that were overwritten are shown with their alerts.
                    // Handlers of two items may overtake each other: an alert is in the table before its verdict, so it is told first.
                    if let Ok(alert) = verdict {
                        self.held.push_back(alert);
                        self.is_due = true;
                    }
                }
                stats = changed(&mut self.numbers, self.numbers_from) => {
                    self.numbers_from = Instant::now() + NUMBERS_EVERY;
                    return Some(Told::Numbers(stats));
                }
                () = tick(&mut self.poll) => {
                    let end = self.store.feed_end(&self.brand).await;
                    self.is_due = end.is_ok_and(|end| end >= self.next);
                }
                _ = self.heartbeat.tick() => return Some(Told::Heartbeat),
            }
        }
    }

    /// The entries from the next one on: those in memory, or else those in the table.
    async fn fill(&mut self) -> Result<(), StoreError> {
        self.is_due = false;
        {
            let recent = lock(&self.channel.recent);
            let mut number = self.next;
            while let Some(entry) = recent.get(&number) {
                self.read.push_back(Arc::clone(entry));
                number += 1;
            }
        }
        if !self.read.is_empty() {
            return Ok(());
        }
        let entries = self.store.feed(&self.brand, self.next, READ_MAX).await?;
        // A full page: there may be more.
        self.is_due = u32::try_from(entries.len()).is_ok_and(|read| read >= READ_MAX);
        self.read.extend(entries.into_iter().map(Arc::new));
        Ok(())
    }
}

/// The numbers, once they have changed and it is time to tell them; only the last ones count.
async fn changed(numbers: &mut watch::Receiver<Option<BrandStats>>, from: Instant) -> BrandStats {
    // The pause first: who waits may be told something else meanwhile, and a change that was noticed would be forgotten.
    tokio::time::sleep_until(from).await;
    loop {
        if numbers.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
        let latest = numbers.borrow_and_update().clone();
        if let Some(stats) = latest {
            return stats;
        }
    }
}

async fn stopped(stopping: &mut watch::Receiver<bool>) {
    // Without a sender there is no server any more.
    let _ = stopping.wait_for(|stopping| *stopping).await;
}

async fn tick(interval: &mut Option<Interval>) {
    match interval {
        Some(interval) => _ = interval.tick().await,
        None => std::future::pending().await,
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
