//! Requests at a fixed rate.

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};

use super::service::Service;

/// Requests that wait for their answers at once.
const CLIENTS: usize = 32;

/// Questions that are asked at a rate, or one at a time.
pub(super) struct Load {
    name: String,
    rate: Option<u32>,
    duration: Duration,
    paths: Vec<String>,
}

/// The latencies of a load, in order.
pub(super) struct Latencies {
    name: String,
    rate: Option<u32>,
    latencies: Vec<Duration>,
}

impl Load {
    pub(super) fn new(name: &str, rate: u32, duration: Duration, paths: Vec<String>) -> Self {
        Self { name: name.to_owned(), rate: Some(rate.max(1)), duration, paths }
    }

    /// A load of one client, whose next question follows its last answer.
    pub(super) fn one_at_a_time(name: &str, duration: Duration, paths: Vec<String>) -> Self {
        Self { name: name.to_owned(), rate: None, duration, paths }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn heading() -> String {
        format!("{:<32} {:>8} {:>8} {:>9} {:>9} {:>9}", "", "per s", "asked", "p50 ms", "p99 ms", "max ms")
    }

    /// Asks the questions in turn, after each was asked once: what a service keeps, it has then.
    pub(super) fn run(&self, service: &Service) -> anyhow::Result<Latencies> {
        let client = Client::new();
        self.paths.iter().try_for_each(|path| client.get(service, path))?;
        let (next, begun) = (AtomicUsize::new(0), Instant::now());
        let latencies = Mutex::new(Vec::new());
        let ask = || -> anyhow::Result<()> {
            let client = Client::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let due = match self.rate {
                    Some(rate) => begun + Duration::from_secs_f64(number as f64 / f64::from(rate)),
                    None => Instant::now(),
                };
                if due >= begun + self.duration {
                    return Ok(());
                }
                thread::sleep(due.saturating_duration_since(Instant::now()));
                client.get(service, &self.paths[number % self.paths.len()])?;
                latencies.lock().unwrap_or_else(PoisonError::into_inner).push(due.elapsed());
            }
        };
        thread::scope(|scope| {
            let clients = if self.rate.is_some() { CLIENTS } else { 1 };
            let clients: Vec<_> = (0..clients).map(|_| scope.spawn(ask)).collect();
            clients
                .into_iter()
                .try_for_each(|client| client.join().map_err(|_| anyhow::anyhow!("a client has panicked"))?)
        })
        .with_context(|| format!("{} could not be measured", self.name))?;
        let mut latencies = latencies.into_inner().unwrap_or_else(PoisonError::into_inner);
        latencies.sort_unstable();
        Ok(Latencies { name: self.name.clone(), rate: self.rate, latencies })
    }
}

impl Latencies {
    /// In milliseconds.
    pub(super) fn p99(&self) -> f64 {
        self.quantile(0.99)
    }

    fn quantile(&self, share: f64) -> f64 {
        let last = self.latencies.len().saturating_sub(1);
        let place = (last as f64 * share).round() as usize;
        self.latencies.get(place).map_or(f64::NAN, |latency| latency.as_secs_f64() * 1e3)
    }
}

impl fmt::Display for Latencies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, rate, latencies } = self;
        let [p50, p99, max] = [0.5, 0.99, 1.0].map(|share| self.quantile(share));
        let rate = rate.map_or("-".to_owned(), |rate| rate.to_string());
        write!(f, "{name:<32} {rate:>8} {:>8} {p50:>9.1} {p99:>9.1} {max:>9.1}", latencies.len())
    }
}

/// A client that repeats one question as fast as it is answered.
pub(super) struct Noise {
    is_over: Arc<AtomicBool>,
    client: JoinHandle<usize>,
}

impl Noise {
    pub(super) fn start(service: &Service, path: String) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let (service, over) = (service.address(), Arc::clone(&is_over));
        let client = thread::spawn(move || {
            let (client, mut asked) = (Client::new(), 0);
            while !over.load(Ordering::Relaxed) {
                // What is refused because it is too much counts, too.
                asked += usize::from(client.ask(&service, &path).is_ok());
            }
            asked
        });
        Self { is_over, client }
    }

    /// The number of questions that were asked.
    pub(super) fn stop(self) -> usize {
        self.is_over.store(true, Ordering::Relaxed);
        self.client.join().unwrap_or_default()
    }
}

/// A client that keeps its connection.
struct Client(ureq::Agent);

impl Client {
    fn new() -> Self {
        let config = ureq::Agent::config_builder().http_status_as_error(false).build();
        Self(config.into())
    }

    /// Asks, and reads the whole answer, which must be one.
    fn get(&self, service: &Service, path: &str) -> anyhow::Result<()> {
        let (status, text) = self.ask(&service.address(), path)?;
        ensure!(status == 200, "{path} was answered with {status}: {text}");
        Ok(())
    }

    fn ask(&self, address: &str, path: &str) -> anyhow::Result<(u16, String)> {
        let mut answer = self.0.get(format!("http://{address}{path}")).call()?;
        Ok((answer.status().as_u16(), answer.body_mut().with_config().limit(u64::MAX).read_to_string()?))
    }
}
