//! Bounded queues between tasks and threads. A full queue drops its oldest entry and counts it: what is newest is worth
//! most, and a slow consumer must not hold up anybody.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::limits;
use crate::station::Input;

/// A bounded queue with one consumer. Producers never wait.
#[derive(Debug)]
pub struct Queue<T> {
    name: &'static str,
    bound: usize,
    inner: Mutex<VecDeque<T>>,
    dropped: AtomicU64,
    filled: Arc<Notify>,
}

impl<T> Queue<T> {
    /// A queue that holds at most `bound` entries.
    #[must_use]
    pub fn new(name: &'static str, bound: usize) -> Self {
        Self::waking(name, bound, Arc::default())
    }

    fn waking(name: &'static str, bound: usize, filled: Arc<Notify>) -> Self {
        Self { name, bound, inner: Mutex::default(), dropped: AtomicU64::new(0), filled }
    }

    /// Adds an entry; the oldest makes room if need be.
    pub fn push(&self, entry: T) {
        let mut inner = self.lock();
        if inner.len() == self.bound {
            inner.pop_front();
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
        inner.push_back(entry);
        drop(inner);
        self.filled.notify_one();
    }

    /// The oldest entry, if there is one.
    pub fn try_pop(&self) -> Option<T> {
        self.lock().pop_front()
    }

    /// The oldest entry; waits for one.
    pub async fn pop(&self) -> T {
        loop {
            if let Some(entry) = self.try_pop() {
                return entry;
            }
            self.filled.notified().await;
        }
    }

    /// Entries dropped since the last time this was asked.
    pub fn take_dropped(&self) -> u64 {
        self.dropped.swap(0, Ordering::Relaxed)
    }

    /// Name of the queue, in metrics and events.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Entries waiting.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// Nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<T>> {
        // A panic elsewhere leaves the entries whole.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Everything on its way to the station, in lanes of their own: a flood on the air cannot push out what the sensors saw.
#[derive(Debug)]
pub struct Inbox {
    /// Clock, sensor health: rare and urgent.
    pub control: Queue<Input>,
    /// Detections, simulated or real.
    pub sensors: Queue<Input>,
    /// From the neighbours.
    pub corridor: Queue<Input>,
    /// From the air.
    pub air: Queue<Input>,
    filled: Arc<Notify>,
}

impl Default for Inbox {
    fn default() -> Self {
        let filled: Arc<Notify> = Arc::default();
        let lane = |name, bound| Queue::waking(name, bound, Arc::clone(&filled));
        Self {
            control: lane("control", limits::CONTROL_INPUTS),
            sensors: lane("sensors", limits::SENSOR_INPUTS),
            corridor: lane("corridor", limits::CORRIDOR_INPUTS),
            air: lane("air", limits::AIR_INPUTS),
            filled,
        }
    }
}

impl Inbox {
    /// Puts an input in its lane.
    pub fn push(&self, input: Input) {
        let lane = match &input {
            Input::Clock(_) | Input::Sensor { .. } | Input::Signal(_) | Input::Tick => &self.control,
            Input::Detections(_) => &self.sensors,
            Input::Neighbour(_) | Input::NeighbourAlive { .. } => &self.corridor,
            Input::Received(_) => &self.air,
        };
        lane.push(input);
    }

    /// The next input, the most urgent lane first; waits for one.
    pub async fn pop(&self) -> Input {
        loop {
            if let Some(input) = self.lanes().into_iter().find_map(Queue::try_pop) {
                return input;
            }
            self.filled.notified().await;
        }
    }

    /// The lanes, the most urgent first.
    #[must_use]
    pub fn lanes(&self) -> [&Queue<Input>; 4] {
        [&self.control, &self.sensors, &self.corridor, &self.air]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_full_queue_drops_the_oldest_and_counts_it() {
        let queue = Queue::new("test", 3);
        for i in 0..5 {
            queue.push(i);
        }
        assert_eq!((queue.len(), queue.take_dropped(), queue.take_dropped()), (3, 2, 0));
        assert_eq!((queue.pop().await, queue.pop().await, queue.pop().await), (2, 3, 4));
        assert!(queue.is_empty());
    }

    #[tokio::test]
    async fn a_flood_on_the_air_does_not_push_out_what_the_sensors_saw() {
        let inbox = Inbox::default();
        inbox.sensors.push(Input::Tick);
        for _ in 0..10 * limits::AIR_INPUTS {
            inbox.air.push(Input::Received(vec![0; 4]));
        }
        assert_eq!(inbox.pop().await, Input::Tick);
        assert_eq!(inbox.air.len(), limits::AIR_INPUTS);
        assert_eq!(inbox.air.take_dropped(), 9 * limits::AIR_INPUTS as u64);
    }

    #[tokio::test]
    async fn a_waiting_consumer_is_woken_by_every_lane() {
        let inbox = Arc::new(Inbox::default());
        for lane in 0..4 {
            let waiting = tokio::spawn({
                let inbox = Arc::clone(&inbox);
                async move { inbox.pop().await }
            });
            tokio::task::yield_now().await;
            inbox.lanes()[lane].push(Input::Tick);
            assert_eq!(waiting.await.expect("a consumer"), Input::Tick);
        }
    }
}
